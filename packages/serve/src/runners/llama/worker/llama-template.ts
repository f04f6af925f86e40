// The thread that renders chat templates: programs that came with a model. It has little memory, and is ended when one does not end.
import { parentPort, workerData } from "node:worker_threads";
import type { TemplateReply, TemplateRequest, TemplateSetting } from "./template-messages.ts";

interface Jinja {
  readonly Template: new (source: string) => { render(values: Readonly<Record<string, unknown>>): string };
}

const { library, source } = workerData as TemplateSetting;
const { Template } = (await import(library)) as Jinja;
let template: InstanceType<Jinja["Template"]> | undefined;

parentPort!.on("message", ({ id, values }: TemplateRequest) => {
  parentPort!.postMessage(render(id, values));
});

function render(id: number, values: TemplateRequest["values"]): TemplateReply {
  try {
    template ??= new Template(source);
    return { id, text: template.render(values) };
  } catch (error) {
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}

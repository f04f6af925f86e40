import type { Model } from "@slipway/spec";
import { plainText } from "../output/plain-text.ts";
import { painter } from "../output/style.ts";
import type { CliContext } from "./context.ts";

/** Returns what tells each new phase of a Model once, one line each, on standard error: replicas, failures with their cause, readiness. */
export function readyProgress(context: CliContext): (model: Model) => void {
  const paint = painter(context, context.stderr);
  const told = new Set<string>();
  let phase = "";
  return (model) => {
    const { name, generation } = model.metadata;
    const say = (text: string) => context.stderr.write(`${paint("strong", name)}: ${plainText(text)}\n`);
    for (const instance of model.status?.instances ?? []) {
      if (instance.message === undefined) continue;
      const failure = `${instance.name}: ${instance.message}`;
      if (!told.has(failure)) say(paint("bad", failure));
      told.add(failure);
    }
    const ready = model.status?.conditions?.find((condition) => condition.type === "Ready");
    const behind = (model.status?.observedGeneration ?? 0) < (generation ?? 1);
    const now = behind || ready === undefined ? "waiting for control" : `${counts(model)}${ready.message}`;
    if (now !== phase) say(ready?.status === "True" && !behind ? paint("good", now) : now);
    phase = now;
  };
}

function counts(model: Model): string {
  const byRevision = new Map<string, { ready: number; starting: number; draining: number; failed: number }>();
  for (const instance of model.status?.instances ?? []) {
    const sum = byRevision.get(instance.revision) ?? { ready: 0, starting: 0, draining: 0, failed: 0 };
    sum[instance.state] += 1;
    byRevision.set(instance.revision, sum);
  }
  const texts = [...byRevision].map(([revision, sum]) => {
    const states = (["ready", "starting", "draining", "failed"] as const).filter((state) => sum[state] > 0);
    return `${states.map((state) => `${sum[state]} ${state}`).join(", ")} (${revision})`;
  });
  return texts.length === 0 ? "" : `${texts.join("; ")}. `;
}

import type { Case, Step } from "./case.ts";
import { type Json, normalise } from "./normalise.ts";

/** An API server, real or ours, for {@link runCase}. */
export interface Server {
  send(method: string, path: string, init: Init): Promise<Answered>;
  /** Lets a second pass, so that times tell the steps apart. */
  tick(): Promise<void>;
  /** Lets what happens in the background go on. */
  settle(): Promise<void>;
}

/** What is sent beside the path. */
export interface Init {
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What comes back. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
  text(): Promise<string>;
}

/** What a step was answered: the body, or of a watch its events. */
export interface Answer {
  readonly status: number;
  readonly body?: Json;
  readonly events?: Json;
}

const mostTries = 200;

/** Runs a case in a namespace that it makes and removes, and gives its answers, normalised. Throws if a value to save is missing, or a wait is in vain. */
export async function runCase(server: Server, { name, steps }: Case, namespace: string): Promise<Answer[]> {
  const values = new Map([["ns", namespace]]);
  const answers: Answer[] = [];
  const made = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const { status } = await perform(server, { method: "POST", path: "/api/v1/namespaces", body: made }, values);
  if (status !== 201) throw new Error(`${name}: the namespace ${namespace} was answered with ${status}`);
  for (const [index, step] of steps.entries()) {
    await server.tick();
    const answer = await finished(server, step, values);
    answers.push(answer);
    for (const [as, path] of Object.entries(step.save ?? {})) {
      const value = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], answer.body);
      if (typeof value !== "string")
        throw new Error(`${name}: step ${index + 1} has no ${path} in ${JSON.stringify(answer).slice(0, 500)}`);
      values.set(as, value);
    }
  }
  await perform(server, { method: "DELETE", path: `/api/v1/namespaces/${namespace}` }, values);
  return normalise(answers, values);
}

async function finished(server: Server, step: Step, values: ReadonlyMap<string, string>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await perform(server, step, values);
    if (step.until === undefined || answer.status === step.until) return answer;
    if (attempt === mostTries) throw new Error(`${step.method} ${step.path} was never answered with ${step.until}`);
    await server.settle();
  }
}

async function perform(server: Server, step: Step, values: ReadonlyMap<string, string>): Promise<Answer> {
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values.get(name) ?? `{{${name}}}`);
  const query = Object.entries(step.query ?? {}).map(([key, value]): [string, string] => [key, fill(value)]);
  const search = query.length === 0 ? "" : `?${new URLSearchParams(query)}`;
  const body = step.body === undefined ? undefined : fill(typeof step.body === "string" ? step.body : JSON.stringify(step.body));
  const stop = new AbortController();
  const response = await server.send(step.method, `${fill(step.path)}${search}`, {
    headers: {
      "user-agent": "parity/1",
      accept: step.accept ?? "application/json",
      ...(body === undefined ? {} : { "content-type": step.type ?? "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
    signal: stop.signal,
  });
  if (step.events !== undefined && response.status === 200) {
    const events = await eventsOf(response.body as AsyncIterable<Uint8Array>, step.events);
    stop.abort();
    return { status: 200, events };
  }
  const text = await response.text();
  return { status: response.status, body: asJson(text) };
}

function asJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** So many events of a watch, or fewer if the server ends it. */
async function eventsOf(stream: AsyncIterable<Uint8Array>, most: number): Promise<Json[]> {
  const decoder = new TextDecoder();
  const found: Json[] = [];
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) found.push(JSON.parse(line) as Json);
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

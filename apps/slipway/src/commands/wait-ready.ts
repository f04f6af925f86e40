import { SlipwayError } from "@slipway/base";
import type { Condition, Key, Model } from "@slipway/spec";
import type { CliContext } from "./context.ts";
import { readyProgress } from "./ready-progress.ts";
import type { Session } from "./session.ts";

/** Reasons of `Ready=False` that no waiting can change: somebody has to do something. */
const terminal: readonly string[] = ["ModelInvalid", "BundleNotFound", "RevisionNotFound", "NamespaceNotOpened", "NotTrusted"];

/** What to wait for. */
export interface WaitOptions {
  /** The `metadata.generation` that must have been dealt with. */
  readonly generation: number;
  /** Milliseconds, as the user asked for. */
  readonly timeout: number;
  /** When the time is over, if it began before this wait: an instant of the monotonic clock. */
  readonly deadline?: number;
  /** Also until every replica wanted is ready and every other one has gone. */
  readonly settled?: boolean;
}

/**
 * Follows a Model until it is ready at this generation and, where it can be reached, the gateway says so too, telling progress on standard error.
 * Throws `invalid` when it never will be, `timeout` with what is still missing, `notFound` when it is deleted meanwhile.
 */
export async function waitReady(context: CliContext, session: Session, key: Key, options: WaitOptions): Promise<void> {
  const deadline = new AbortController();
  const left = options.deadline === undefined ? options.timeout : Math.max(1, options.deadline - context.clock.monotonic());
  const cancel = context.clock.after(left, () => deadline.abort());
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  const tell = readyProgress(context);
  let last: Model | undefined;
  let answers = true;
  try {
    for await (const event of session.client.watch("Model", { ...key, fieldSelector: `metadata.name=${key.name}`, signal })) {
      if (event.type === "synced" || event.resource.metadata.name !== key.name) continue;
      if (event.type === "deleted") throw new SlipwayError("notFound", `Model ${key.name} was deleted while waiting for it.`);
      last = event.resource;
      tell(last);
      if (!isReady(last, options)) continue;
      if (session.inference === undefined) return;
      answers = false;
      while (!answers && !signal.aborted) {
        answers = await session.inference.ready({ ...namespaceOf(key), model: key.name }, signal);
        if (!answers) await context.clock.sleep(50, signal).catch(() => {});
      }
      if (answers) return;
    }
    throw new SlipwayError("cancelled", "The wait was cancelled.");
  } catch (caught) {
    if (!deadline.signal.aborted || context.signal.aborted) throw caught;
    throw timedOut(key, options, last, answers);
  } finally {
    cancel();
  }
}

function isReady(model: Model, options: WaitOptions): boolean {
  if ((model.status?.observedGeneration ?? 0) < options.generation) return false;
  const ready = condition(model, "Ready");
  if (ready?.status === "False" && terminal.includes(ready.reason)) {
    throw new SlipwayError("invalid", `Model ${model.metadata.name} cannot become ready: ${ready.message}`, {
      hint: `See \`slipway logs ${model.metadata.name}\` and \`slipway describe model ${model.metadata.name}\`.`,
    });
  }
  if (ready?.status !== "True") return false;
  return !options.settled || condition(model, "Progressing")?.status === "False";
}

function timedOut(key: Key, options: WaitOptions, model: Model | undefined, answers: boolean): SlipwayError {
  const hint = `It goes on in the background: see \`slipway describe model ${key.name}\`, or wait longer with --timeout.`;
  return new SlipwayError(
    "timeout",
    `Model ${key.name} was not ready within ${options.timeout / 1000} s: ${missing(options, model, answers)}`,
    { hint },
  );
}

function missing(options: WaitOptions, model: Model | undefined, answers: boolean): string {
  if (model === undefined) return "the control API did not tell its state.";
  if (!answers) return "the gateway does not answer for it yet.";
  if ((model.status?.observedGeneration ?? 0) < options.generation) return "control has not looked at the change yet.";
  const ready = condition(model, "Ready");
  const counts = `${model.status?.readyReplicas ?? 0} of ${model.status?.replicas ?? 0} replicas are ready`;
  const why = ready?.status === "True" ? condition(model, "Progressing") : ready;
  return `${counts}; ${why?.message ?? "nothing is known yet."}`;
}

function condition(model: Model, type: string): Condition | undefined {
  return model.status?.conditions?.find((other) => other.type === type);
}

function namespaceOf(key: Key): { namespace?: string } {
  return key.namespace === undefined ? {} : { namespace: key.namespace };
}

// The process of a GGUF model. Native code that crashes takes this process along, and no other.
import { SlipwayError, systemClock, toWireError } from "@slipway/base";
import type { FromWorker, LlamaEvent, ToWorker } from "../llama-messages.ts";
import { type JobCaller, LlamaEngine } from "./llama-engine.ts";

const callers = new Map<number, { cancelled: boolean }>();
let engine: LlamaEngine | undefined;
let outbox: [number, LlamaEvent][] = [];
/** What llama.cpp said was wrong. */
const errors: string[] = [];

// Whoever asked is gone, and nobody else can ask.
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker) => {
  if ("load" in message) void load(message.load);
  else if ("cancel" in message) {
    const caller = callers.get(message.cancel);
    if (caller !== undefined) caller.cancelled = true;
  } else void work(message);
});

async function load(options: Extract<ToWorker, { load: unknown }>["load"]): Promise<void> {
  try {
    engine = await LlamaEngine.load(options, systemClock, (level, text) => {
      if (level === "error" || level === "fatal") errors.push(text.trim());
      process.stderr.write(`${level}: ${text.trim()}\n`);
    });
    send({ loaded: engine.loaded });
  } catch (error) {
    const refused = error instanceof SlipwayError ? error : notLoaded(error);
    send({ refused: toWireError(refused) });
  }
}

function notLoaded(error: unknown): SlipwayError {
  const text = error instanceof Error ? error.message : String(error);
  const said = errors.map((line) => /error loading model: (.*)/.exec(line)?.[1]).find((line) => line !== undefined);
  const reason = said ?? [text, errors.at(-1)].filter((part) => part !== undefined).join(" ");
  // llama.cpp's own words, without where the file lies here.
  return new SlipwayError(
    "invalid",
    `llama.cpp cannot load the model: ${reason.replace(/(?:\/[^\s/'"]+)+\//g, "").slice(0, 500)}`,
    {
      hint: "Convert it again with the converter of a current llama.cpp.",
      cause: error,
    },
  );
}

async function work(message: Exclude<ToWorker, { load: unknown } | { cancel: unknown }>): Promise<void> {
  const { id } = message;
  const state = { cancelled: false };
  callers.set(id, state);
  const caller: JobCaller = {
    get cancelled() {
      return state.cancelled;
    },
    tell: (event) => tell(id, event),
  };
  try {
    if (engine === undefined) throw new SlipwayError("internal", "The model worker was asked before it had a model.");
    await ("job" in message ? engine.run(message.job, caller) : engine.embed(message.embed, caller));
    if (state.cancelled) throw new SlipwayError("cancelled", "The caller went away.");
  } catch (error) {
    if (!(error instanceof SlipwayError))
      process.stderr.write(`error: ${error instanceof Error ? error.stack : String(error)}\n`);
    tell(id, { error: toWireError(error) });
  } finally {
    callers.delete(id);
  }
}

/** Sequences that run beside each other make their tokens at the same time: what they say goes out together. */
function tell(id: number, event: LlamaEvent): void {
  if (outbox.length === 0) setImmediate(flush);
  outbox.push([id, event]);
}

function flush(): void {
  const events = outbox;
  outbox = [];
  send({ events });
}

function send(message: FromWorker): void {
  if (process.connected) process.send!(message);
}

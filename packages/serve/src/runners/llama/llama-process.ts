import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { FromWorker, LlamaEvent, LlamaLoad, LlamaLoaded, ToWorker } from "./llama-messages.ts";

/** Who hears of a request. */
export interface EventListener {
  event(event: LlamaEvent): void;
  /** The process has ended, or is stuck. */
  failed(error: SlipwayError): void;
}

/** What a worker process is started with. */
export interface LlamaProcessOptions {
  /** Path of the program. */
  readonly program: string;
  readonly load: LlamaLoad;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a request that was taken back may go on: a piece of a prompt, or one token. */
const mostCancelMs = 120_000;
const longestLine = 2_000;

/** The process that has the model. When it ends unasked, everybody who waits is told, and it is not started again: that is for whoever started this one. */
export class LlamaProcess {
  /** Resolves with the reason when it ends unasked, or is stuck. */
  readonly failed: Promise<SlipwayError>;
  private readonly options: LlamaProcessOptions;
  private readonly child: ChildProcess;
  private readonly listeners = new Map<number, EventListener>();
  private readonly cancelled = new Map<number, () => void>();
  private readonly first = Promise.withResolvers<Exclude<FromWorker, { events: unknown }>>();
  private readonly exited: Promise<void>;
  private readonly resolveFailed: (reason: SlipwayError) => void;
  private failure: SlipwayError | undefined;
  private closing = false;
  private nextId = 1;

  constructor(options: LlamaProcessOptions) {
    this.options = options;
    const failed = Promise.withResolvers<SlipwayError>();
    this.failed = failed.promise;
    this.resolveFailed = failed.resolve;
    // Nothing of the environment is the model's business. What it prints goes to the log, and is no part of any message.
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", options.program], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {},
    });
    this.child = child;
    child.on("message", (message: FromWorker) => this.receive(message));
    this.readLines("stdout");
    this.readLines("stderr");
    this.exited = new Promise((resolve) => {
      const end = (why: string) => {
        this.fail(new Error(why));
        resolve();
      };
      child.on("error", (error) => end(error.message));
      child.on("exit", (code, signal) => end(`The process ended with ${signal ?? code}.`));
    });
    this.send({ load: options.load });
  }

  /** How loading went. Throws `invalid` with why the model cannot be loaded. */
  async loaded(): Promise<LlamaLoaded | Extract<FromWorker, { refused: unknown }>> {
    const first = await this.first.promise;
    return "loaded" in first ? first.loaded : first;
  }

  /** Asks for something; its events go to the listener until it ends. Returns how to take it back. */
  ask(request: { readonly job: unknown } | { readonly embed: unknown }, listener: EventListener): () => void {
    if (this.failure !== undefined) throw this.failure;
    const id = this.nextId++;
    this.listeners.set(id, listener);
    this.send({ id, ...request } as ToWorker);
    return () => this.cancel(id);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.child.connected) this.child.disconnect();
    // It ends by itself, unless native code is in its way; nobody waits for an answer any more.
    const kill = this.options.clock.after(1_000, () => this.child.kill("SIGKILL"));
    await this.exited;
    kill();
  }

  private cancel(id: number): void {
    if (!this.listeners.has(id) || this.cancelled.has(id)) return;
    this.send({ cancel: id });
    const stuck = new SlipwayError("internal", "The model runs on although nobody waits for its answer any more.");
    this.cancelled.set(
      id,
      this.options.clock.after(mostCancelMs, () => {
        this.fail(new Error("stuck"), stuck);
        this.child.kill("SIGKILL");
      }),
    );
  }

  private receive(message: FromWorker): void {
    if (!("events" in message)) {
      this.first.resolve(message);
      return;
    }
    for (const [id, event] of message.events) {
      const listener = this.listeners.get(id);
      if (!("text" in event)) this.forget(id);
      listener?.event(event);
    }
  }

  private forget(id: number): void {
    this.listeners.delete(id);
    this.cancelled.get(id)?.();
    this.cancelled.delete(id);
  }

  private fail(cause: Error, reason?: SlipwayError): void {
    if (this.closing || this.failure !== undefined) return;
    const failure =
      reason ??
      new SlipwayError("internal", "The model worker ended unexpectedly.", {
        hint: "The replica is restarted; its log has the reason.",
        cause,
      });
    this.failure = failure;
    this.first.reject(failure);
    for (const [id, listener] of [...this.listeners]) {
      this.forget(id);
      listener.failed(failure);
    }
    this.resolveFailed(failure);
  }

  private send(message: ToWorker): void {
    if (this.child.connected) this.child.send(message);
  }

  private readLines(stream: "stdout" | "stderr"): void {
    const { log } = this.options;
    let rest = "";
    this.child[stream]!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!.slice(0, longestLine);
      for (const line of lines) if (line !== "") log.info("the model worker says", { stream, text: line.slice(0, longestLine) });
    });
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { ModelSignature } from "@slipway/protocol";
import { BlockReader, type BlockWriter } from "../tensor-block.ts";
import { endReason } from "./end-reason.ts";
import { type Frame, FrameReader } from "./frame-reader.ts";
import { outputLines } from "./output-lines.ts";
import { fromPython, headBytes, type LoadedPython, type PythonTask, sharedFrom, toPython } from "./python-messages.ts";

/** How long after the end of a process what it wrote before is waited for, in milliseconds. */
const lastWordsMs = 1_000;

/** How a worker is started. */
export interface PythonCommand {
  readonly executable: string;
  /** The folder with the model's packages. */
  readonly site: string;
  /** The model's folder, which it also works in. */
  readonly directory: string;
  /** Where compiled files are kept; without one nothing is. */
  readonly compiled: string | undefined;
  /** Threads of numeric libraries. */
  readonly threads: number;
}

interface Expected {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: SlipwayError) => void;
}

/** A Python process with the model in it: blocks out, blocks in, over a Unix socket and shared memory. What it prints goes to the log. */
export class PythonProcess {
  /** Resolves with the reason when the process has ended, asked or not. */
  readonly ended: Promise<SlipwayError>;
  private readonly child: ChildProcess;
  private readonly socket: Socket;
  private readonly task: PythonTask;
  private readonly expected = new Map<number, Expected>();
  private readonly log: Log;
  private numbers = 0;
  private killed: SlipwayError | undefined;
  private failure: SlipwayError | undefined;

  constructor(command: PythonCommand, task: PythonTask, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.task = task;
    this.log = log;
    const cache = command.compiled === undefined ? ["-B"] : ["-X", `pycache_prefix=${command.compiled}`];
    const worker = join(workerFolder(), "__main__.py");
    const args = ["-I", "-S", "-u", "-X", "utf8", ...cache, worker];
    this.child = spawn(
      command.executable,
      [...args, command.site, command.directory, String(command.threads), String(process.pid)],
      { cwd: command.directory, stdio: ["ignore", "pipe", "pipe", "pipe"] },
    );
    this.socket = this.child.stdio[3] as Socket;
    const reader = new FrameReader(task.maxOutputBytes * 2 + 2 ** 20, (frame) => this.receive(frame));
    this.socket.on("data", (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (cause) {
        this.kill(new SlipwayError("internal", "The model's process wrote something else than answers.", { cause }));
      }
    });
    // What it was told when it had ended already: that it ended is told by its exit.
    this.socket.on("error", () => undefined);
    for (const stream of ["stdout", "stderr"] as const) {
      const take = outputLines((text) => log.info("the model wrote", { stream, text }));
      this.child[stream]!.on("data", take).on("end", () => take());
    }
    this.ended = new Promise((resolve) => {
      const end = (error: SlipwayError) => {
        if (this.failure !== undefined) return;
        this.failure = this.killed ?? error;
        for (const { reject } of this.expected.values()) reject(this.failure);
        this.expected.clear();
        this.socket.destroy();
        resolve(this.failure);
      };
      this.child.once("error", (cause) =>
        end(new SlipwayError("internal", "The model's process could not be started.", { cause })),
      );
      // Its last words may come after its end; but whoever it left behind may keep the socket open.
      this.child.once("exit", (code, signal) => {
        const reason = endReason(code, signal);
        const cancel = clock.after(lastWordsMs, () => end(reason));
        const done = () => {
          cancel();
          end(reason);
        };
        if (this.socket.readableEnded || this.socket.destroyed) done();
        else this.socket.once("close", done);
      });
    });
  }

  /** How loading went. Throws `invalid` with what the model said when it does not load. */
  async load(): Promise<LoadedPython> {
    const frame = await this.ask(toPython.load, Buffer.from(JSON.stringify(this.task)));
    const value = JSON.parse(Buffer.from(frame.payload).toString("utf8")) as unknown;
    if (frame.kind === fromPython.loaded) return value as LoadedPython;
    throw new SlipwayError("invalid", (value as { text: string }).text.slice(0, 2_000), {
      hint: "The log has what the model printed, and where it failed.",
    });
  }

  /** Which inputs and outputs blocks have from now on. */
  use(signature: ModelSignature): void {
    this.write(0, toPython.signature, Buffer.from(JSON.stringify(signature)));
  }

  /** Runs a block of requests. Rejects when the process ends before it has answered. */
  async run(block: BlockWriter): Promise<BlockReader> {
    const frame = Buffer.from(new ArrayBuffer(headBytes + block.length));
    block.writeTo(frame.buffer, headBytes);
    const shared = block.length > sharedFrom ? this.share(frame.subarray(headBytes)) : undefined;
    const asked = shared === undefined ? this.ask(toPython.run, frame, true) : this.ask(toPython.runShared, Buffer.from(shared));
    const { kind, payload } = await asked;
    if (kind === fromPython.reply) return new BlockReader(payload);
    if (kind === fromPython.replyShared) return new BlockReader(this.takeShared(Buffer.from(payload).toString("utf8")));
    throw new SlipwayError("internal", "The model's process answered something else than replies.");
  }

  /** Ends it at once; what runs is answered with this error. */
  kill(reason: SlipwayError): void {
    this.killed ??= reason;
    this.child.kill("SIGKILL");
  }

  /** Lets it end when it has finished what it runs. */
  async close(): Promise<void> {
    this.killed ??= new SlipwayError("unavailable", "The model is closed.");
    if (this.failure === undefined) this.write(0, toPython.close, Buffer.alloc(0));
    await this.ended;
  }

  private ask(kind: number, payload: Buffer, framed = false): Promise<Frame> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.numbers = (this.numbers + 1) >>> 0;
    const number = this.numbers;
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    this.expected.set(number, { resolve, reject });
    this.write(number, kind, payload, framed);
    return promise;
  }

  /** `framed`: the payload has room for the head in front of it. */
  private write(number: number, kind: number, payload: Buffer, framed = false): void {
    const frame = framed ? payload : Buffer.concat([Buffer.alloc(headBytes), payload]);
    frame.writeUInt32LE(frame.length - headBytes, 0);
    frame.writeUInt32LE(number, 4);
    frame.writeUInt32LE(kind, 8);
    this.socket.write(frame);
  }

  private receive(frame: Frame): void {
    if (frame.kind === fromPython.log) {
      const { level, message } = JSON.parse(Buffer.from(frame.payload).toString("utf8")) as Record<string, string>;
      this.log[level as "info"]("the model says", { text: message });
      return;
    }
    const expected = this.expected.get(frame.number);
    this.expected.delete(frame.number);
    expected?.resolve(frame);
  }

  /** The path of a file of shared memory with these bytes; undefined when there is no room, and they go through the socket. */
  private share(bytes: Buffer): string | undefined {
    const path = join(this.task.shared.folder, `block-${this.child.pid}-${this.numbers}`);
    let file: number | undefined;
    try {
      file = openSync(path, "wx", 0o600);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      return path;
    } catch {
      if (file !== undefined) unlinkSync(path);
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  private takeShared(path: string): ArrayBuffer {
    if (dirname(path) !== this.task.shared.folder)
      throw new SlipwayError("internal", "The model's process named a foreign file.");
    const file = openSync(path, "r");
    try {
      const memory = new Uint8Array(fstatSync(file).size);
      for (let at = 0; at < memory.length; ) at += readSync(file, memory, at, memory.length - at, at);
      return memory.buffer;
    } finally {
      closeSync(file);
      unlinkSync(path);
    }
  }
}

/** Where the worker's sources lie: beside this file, whether it is a source or built. */
function workerFolder(): string {
  return fileURLToPath(new URL("./slipway_worker", import.meta.url));
}

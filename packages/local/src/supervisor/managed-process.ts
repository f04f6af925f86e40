import { randomBytes } from "node:crypto";
import type { Instant, WireError } from "@slipway/base";
import type { Hello, Report } from "../channel/messages.ts";
import type { ProcessSpec } from "../host/process-spec.ts";
import type { ProcessExit, ProcessStatus } from "../host/process-status.ts";
import { writeTicket } from "../lifeline/ticket.ts";
import type { LimitedProcess } from "../limits/limiter.ts";
import { killEverything, signalProcess } from "../processes/end-processes.ts";
import { isAlive, startTimeOf } from "../processes/process-identity.ts";
import { heapExhausted } from "./heap-exhausted.ts";
import type { ProcessTools } from "./process-tools.ts";
import { removeScratch, spawnProcess, startFailure } from "./spawn-process.ts";

/** After this long of being ready, earlier failures are forgotten. */
const stableMs = 10 * 60_000;
/** How often the supervisor looks whether a process that it did not start is alive. */
const probeMs = 250;
/** Beats that a process may miss. Many, so that one that is only slow is left alone. */
const mostMissedBeats = 10;

/** How V8 ends a process, depending on its build. */
const abortSignals: ReadonlySet<string> = new Set(["SIGABRT", "SIGTRAP", "SIGILL"]);

/** What a process remembers of the one of the same id before it. */
export interface Predecessor {
  readonly restarts: number;
  readonly exit?: ProcessExit | undefined;
}

/** One process from its start, or adoption, to its end. */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly nonce: string;
  readonly startedAt: Instant;
  private readonly tools: ProcessTools;
  private readonly limited: LimitedProcess;
  private readonly onChange: () => void;
  private state: ProcessStatus["state"] = "starting";
  private running: { pid: number; startTime: string } | undefined;
  private failures: number;
  private readySince: number | undefined;
  private stopAsked = false;
  private killed = false;
  private hung = false;
  private missedBeats = 0;
  private killAt = Number.POSITIVE_INFINITY;
  private cancelKill = () => {};
  private cancelProbe = () => {};
  private cancelBeat: (() => void) | undefined;
  private error: WireError | undefined;
  private detail: string | undefined;
  private exit: ProcessExit | undefined;

  private constructor(parts: {
    spec: ProcessSpec;
    nonce: string;
    startedAt: Instant;
    before: Predecessor;
    limited: LimitedProcess;
    tools: ProcessTools;
    onChange: () => void;
  }) {
    this.spec = parts.spec;
    this.nonce = parts.nonce;
    this.startedAt = parts.startedAt;
    this.failures = parts.before.restarts;
    this.exit = parts.before.exit;
    this.limited = parts.limited;
    this.tools = parts.tools;
    this.onChange = parts.onChange;
  }

  /** Starts a process. One that the system refuses to start is an exited one. `onChange` is called after every change of {@link status}. */
  static start(spec: ProcessSpec, before: Predecessor, tools: ProcessTools, onChange: () => void): ManagedProcess {
    const nonce = randomBytes(12).toString("hex");
    const startedAt = tools.clock.now();
    const limited = tools.limiter.prepare(spec.id, spec.limits);
    const managed = new ManagedProcess({ spec, nonce, startedAt, before, limited, tools, onChange });
    const ticket = writeTicket({
      supervisor: tools.supervisorSocket,
      nonce,
      spec,
      startedAt,
      restarts: before.restarts,
      beatMs: tools.beatMs,
    });
    try {
      const child = spawnProcess(spec, ticket, tools);
      child.once("error", (error) => managed.ended({ code: null, signal: null, refused: error }));
      child.once("exit", (code, signal) => managed.ended({ code, signal }));
      if (child.pid !== undefined) {
        managed.running = { pid: child.pid, startTime: startTimeOf(child.pid) ?? "" };
        limited.attach(child.pid);
      }
    } catch (error) {
      managed.ended({ code: null, signal: null, refused: error });
    }
    return managed;
  }

  /** Takes over a process that another supervisor started and that just said hello. */
  static adopt(hello: Hello, tools: ProcessTools, onChange: () => void): ManagedProcess {
    const { spec, nonce, startedAt, restarts } = hello.ticket;
    const limited = tools.limiter.adopt(spec.id, spec.limits, hello.pid);
    const managed = new ManagedProcess({ spec, nonce, startedAt, before: { restarts }, limited, tools, onChange });
    managed.running = { pid: hello.pid, startTime: hello.startTime };
    managed.probe();
    return managed;
  }

  get pid(): number | undefined {
    return this.running?.pid;
  }

  get startTime(): string | undefined {
    return this.running?.startTime;
  }

  get alive(): boolean {
    return this.state !== "exited";
  }

  /** What the next process of this id should know. */
  get predecessor(): Predecessor {
    return { restarts: this.restarts(), exit: this.exit };
  }

  /** It said something: it runs. */
  heard(): void {
    this.missedBeats = 0;
  }

  report(report: Report): void {
    if (!this.alive) return;
    this.error = report.error;
    this.detail = report.detail;
    if (report.state === "ready") {
      this.readySince ??= this.tools.clock.monotonic();
      // Not before: a start may block, as while a large database is read.
      if (this.cancelBeat === undefined) this.awaitBeat();
    }
    // Once asked to stop it drains, whatever it says.
    if (!this.stopAsked) this.state = report.state === "failed" ? "starting" : report.state;
    this.onChange();
  }

  /** SIGTERM, then SIGKILL to all of it after `graceMs`; a second call can only shorten the grace. */
  stop(graceMs: number): void {
    if (!this.alive) return;
    const { clock } = this.tools;
    if (!this.stopAsked) {
      this.stopAsked = true;
      this.state = "draining";
      if (this.running !== undefined) signalProcess(this.running.pid, "SIGTERM");
      this.onChange();
    }
    const killAt = clock.monotonic() + graceMs;
    if (killAt >= this.killAt) return;
    this.killAt = killAt;
    this.cancelKill();
    this.cancelKill = clock.after(graceMs, () => this.kill());
  }

  status(): ProcessStatus {
    const { id, role, labels } = this.spec;
    const limits = this.limited.text;
    return {
      id,
      role,
      labels,
      state: this.state,
      startedAt: this.startedAt,
      restarts: this.restarts(),
      ...(this.running === undefined ? {} : { pid: this.running.pid }),
      ...(this.error === undefined ? {} : { error: this.error }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.exit === undefined ? {} : { exit: this.exit }),
      ...(limits === undefined ? {} : { limits }),
    };
  }

  private kill(): void {
    if (this.running === undefined) return;
    this.killed = true;
    killEverything(this.running.pid, this.nonce);
  }

  /** Counts beats and not time, so that a supervisor that stood still itself, as after Ctrl-Z, does not take its children for hung. */
  private awaitBeat(): void {
    this.cancelBeat = this.tools.clock.after(this.tools.beatMs, () => {
      this.missedBeats += 1;
      if (this.missedBeats > mostMissedBeats) {
        this.hung = true;
        this.tools.log.warn("a process does not run any more, though it is alive; it is killed", { process: this.spec.id });
        this.kill();
      } else this.awaitBeat();
    });
  }

  /** A process that is not our child tells us nothing when it ends, so we look. */
  private probe(): void {
    this.cancelProbe = this.tools.clock.after(probeMs, () => {
      if (this.running !== undefined && !isAlive(this.running.pid, this.running.startTime)) {
        this.ended({ code: null, signal: this.killed ? "SIGKILL" : null });
      } else {
        this.probe();
      }
    });
  }

  private ended(how: { code: number | null; signal: string | null; refused?: unknown }): void {
    if (!this.alive) return;
    this.cancelKill();
    this.cancelProbe();
    this.cancelBeat?.();
    // What it started must not outlive it.
    if (this.running !== undefined) killEverything(this.running.pid, this.nonce);
    const cause = this.cause(how);
    const { code, signal } = how;
    this.failures = this.stopAsked ? this.restarts() : this.restarts() + 1;
    this.exit = {
      at: this.tools.clock.now(),
      code,
      signal,
      cause,
      ...("refused" in how ? { detail: startFailure(how.refused) } : {}),
    };
    this.state = "exited";
    this.running = undefined;
    this.readySince = undefined;
    this.limited.release();
    removeScratch(this.spec);
    this.tools.log.info("a process ended", { process: this.spec.id, code, signal, cause });
    this.onChange();
  }

  private cause(how: { code: number | null; signal: string | null; refused?: unknown }): ProcessExit["cause"] {
    if ("refused" in how) return "startFailed";
    if (how.code !== 0 && this.limited.outOfMemory()) return "outOfMemory";
    if (how.signal !== null && abortSignals.has(how.signal) && heapExhausted(this.spec.logPath)) return "outOfMemory";
    if (this.hung) return "hung";
    if (!this.stopAsked) return "ended";
    return this.killed ? "graceExceeded" : "stopped";
  }

  private restarts(): number {
    const stable = this.readySince !== undefined && this.tools.clock.monotonic() - this.readySince >= stableMs;
    return stable ? 0 : this.failures;
  }
}

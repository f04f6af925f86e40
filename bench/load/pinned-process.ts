import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";

/** How a server is started. */
export interface PinnedOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: 1, the servers' core. */
  readonly core?: number;
}

/** One or more processes, as what measures them sees them. */
export interface Processes {
  /** Resident memory of all together, in MB; pages that several share count for each. */
  memoryMb(): number;
  /** Milliseconds of processor time that all together have taken so far. */
  cpuMs(): number;
  /** Lets them take no time of their core until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends them all. */
  stop(): Promise<void>;
}

const kibPerPage = 4;
const msPerTick = 10;

/** A server and all its processes on one core. */
export class PinnedProcess implements Processes {
  /** When it was started, on `performance.now()`'s scale. */
  readonly startedAt = performance.now();
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private errors = "";
  private readonly ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.lines = createInterface({ input: child.stdout! });
    // Each line that is waited for leaves a listener of the end behind.
    this.lines.setMaxListeners(0);
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.ended = once(child, "exit");
    this.ended.catch(() => {});
  }

  static start(command: readonly string[], options: PinnedOptions = {}): PinnedProcess {
    const child = spawn("taskset", ["-c", String(options.core ?? 1), ...command], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    child.stdin.on("error", () => {});
    return new PinnedProcess(child);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The next line of standard output. Throws when the process ends first. */
  async line(): Promise<string> {
    const found = await Promise.race([once(this.lines, "line"), once(this.lines, "close")]);
    if (found.length === 0) throw this.failure();
    return found[0] as string;
  }

  /** Sends a line and resolves with the next one that comes back. */
  ask(text: string): Promise<string> {
    const answer = this.line();
    this.child.stdin!.write(`${text}\n`);
    return answer;
  }

  /** What it wrote last, as an error. */
  failure(): Error {
    const how = this.running ? "did not answer" : `ended with ${this.child.exitCode ?? this.child.signalCode}`;
    return new Error(`${this.child.spawnargs[3]} ${how}: ${this.errors.trim().split("\n").slice(-4).join(" ") || "no output"}`);
  }

  memoryMb(): number {
    return residentMb(this.tree());
  }

  cpuMs(): number {
    return processorMs(this.tree());
  }

  pause(): void {
    this.signal("SIGSTOP");
  }

  resume(): void {
    this.signal("SIGCONT");
  }

  async stop(): Promise<void> {
    const all = this.tree();
    this.resume();
    if (this.running) {
      this.child.kill("SIGTERM");
      await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    }
    for (const pid of all) kill(pid, "SIGKILL");
  }

  private signal(name: NodeJS.Signals): void {
    for (const pid of this.tree()) kill(pid, name);
  }

  /** Itself and everything it has started, by parent process id. */
  private tree(): number[] {
    const children = new Map<number, number[]>();
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const parent = parentOf(Number(entry));
      if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }
    const found = [this.child.pid!];
    for (const pid of found) found.push(...(children.get(pid) ?? []));
    return found;
  }
}

/** Resident memory of processes together, in MB; one that has ended has none. */
export function residentMb(pids: readonly number[]): number {
  let pages = 0;
  for (const pid of pids) {
    try {
      pages += Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    } catch {
      // It ended in between.
    }
  }
  return Math.round((pages * kibPerPage) / 1024);
}

/** Milliseconds of processor time that processes have taken so far together; one that has ended counts for nothing. */
export function processorMs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statOf(pid);
    ticks += fields === undefined ? 0 : Number(fields[11]) + Number(fields[12]);
  }
  return ticks * msPerTick;
}

function parentOf(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields === undefined ? undefined : Number(fields[1]);
}

/** The fields of `/proc/PID/stat` from the state on; undefined when it has ended. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    // The name in parentheses may contain anything.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Puts a running process, with all its threads and all it starts later, on a core. Default: this one. */
export function pin(core: number, pid = process.pid): void {
  execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
}

// A process of its own: reads an OpenLoop as JSON from standard input, sends, and prints an OpenLoopResult. Bare sockets and no HTTP
// library, because on one core it must keep up with a server that has another.
import { text } from "node:stream/consumers";
import { ClientConnection } from "./client-connection.ts";
import type { OpenLoop, OpenLoopResult } from "./open-loop.ts";
import { poissonArrivals } from "./poisson.ts";
import { percentile } from "./statistics.ts";

type Options = Omit<OpenLoop, "post"> & { readonly post?: { body: string; headers: Record<string, string> } };

const options = JSON.parse(await text(process.stdin)) as Options;
const { seconds, warmUpSeconds, rate, seed } = options;
const url = new URL(options.url);
const message = request(options);
const due = poissonArrivals({ rate, seconds: warmUpSeconds + seconds, seed });
const first = due.findIndex((at) => at >= warmUpSeconds * 1000);
/** By request; 0 until known. */
const status = new Uint16Array(due.length);
const latency = new Float64Array(due.length);
const late = new Float64Array(due.length);
const idle: ClientConnection[] = [];
const waiting: number[] = [];
let waited = 0;
let next = 0;
let answered = 0;
let finish = () => {};

const connections = Array.from({ length: Math.min(options.connections, due.length) }, () => new ClientConnection(url, free));
await Promise.all(connections.map((connection) => connection.open()));
idle.push(...connections);
const started = performance.now();
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});
step();
const timer = setTimeout(finish, (warmUpSeconds + seconds + options.graceSeconds) * 1000);
await finished;
clearTimeout(timer);
for (const connection of connections) connection.close();
process.stdout.write(JSON.stringify(result()), () => process.exit(0));

/** Sends what is due. Runs again as soon as the sockets have been looked at: a timer would be up to a millisecond late. */
function step(): void {
  const now = performance.now() - started;
  while (next < due.length && due[next]! <= now) {
    const connection = idle.pop();
    if (connection === undefined) waiting.push(next);
    else send(connection, next, now);
    next += 1;
  }
  if (next < due.length) setImmediate(step);
}

function send(connection: ClientConnection, index: number, now: number): void {
  late[index] = now - due[index]!;
  connection.send(message, index);
}

function free(connection: ClientConnection, index: number, code: number): void {
  const now = performance.now() - started;
  status[index] = code;
  latency[index] = now - due[index]!;
  answered += 1;
  if (waited < waiting.length) send(connection, waiting[waited++]!, now);
  else idle.push(connection);
  if (answered === due.length) finish();
}

function result(): OpenLoopResult {
  const good: number[] = [];
  const refusals: number[] = [];
  for (let index = first; index < due.length; index += 1) {
    if (status[index] === 200) good.push(latency[index]!);
    else if (status[index] === 429 || status[index] === 503) refusals.push(latency[index]!);
  }
  good.sort((a, b) => a - b);
  refusals.sort((a, b) => a - b);
  const total = due.length - first;
  const inside = good.filter((ms) => ms <= options.objectiveMs).length;
  return {
    offered: total / seconds,
    achieved: good.length / seconds,
    goodput: inside / seconds,
    inside: inside / total,
    p50Ms: percentile(good, 0.5),
    p99Ms: percentile(good, 0.99),
    refused: refusals.length,
    refusalP50Ms: percentile(refusals, 0.5),
    refusalP99Ms: percentile(refusals, 0.99),
    failed: total - good.length - refusals.length,
    lateP99Ms: percentile(late.slice(first).sort(), 0.99),
  };
}

function request({ post }: Options): Buffer {
  const body = Buffer.from(post?.body ?? "", "base64");
  const headers = { host: url.host, ...post?.headers, ...(post === undefined ? {} : { "content-length": String(body.length) }) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const line = `${post === undefined ? "GET" : "POST"} ${url.pathname} HTTP/1.1\r\n`;
  return Buffer.concat([Buffer.from(`${line}${head.join("")}\r\n`), body]);
}

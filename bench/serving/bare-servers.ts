import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Encoding, Post } from "../load/bodies.ts";
import { PinnedProcess } from "../load/pinned-process.ts";
import type { BenchModel } from "../models/models.ts";
import type { Server, StartedServer } from "./server.ts";

const programs = join(import.meta.dirname, "..", "servers");

/** Bare node:http, which answers with what `like` answered to the same request. */
export async function startEcho(like: Server, encoding: Encoding, post: Post, folder: string): Promise<StartedServer> {
  const { body, headers } = post;
  const response = await fetch(`${like.origin}${like.path}`, { method: "POST", body: Uint8Array.from(body), headers });
  const file = join(folder, `echo-${encoding}`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  const kept = ["content-type", "inference-header-content-length"].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [name, value];
  });
  return bare("node:http echo", await listening("echo-server.ts", file, ...kept), [encoding]);
}

/** Sockets that send every chunk back. */
export async function startTcpEcho(): Promise<StartedServer> {
  return bare("TCP echo", await listening("tcp-echo-server.ts"), ["binary"]);
}

/** The least program that answers once over HTTP. */
export async function startMinimal(model: BenchModel): Promise<StartedServer> {
  return bare("minimal script", await listening("first-answer.mjs", model.file), ["json"]);
}

async function listening(program: string, ...args: string[]): Promise<{ process: PinnedProcess; origin: string }> {
  const started = PinnedProcess.start([process.execPath, join(programs, program), ...args]);
  const { url } = JSON.parse(await started.line()) as { url: string };
  return { process: started, origin: url.slice(0, -1) };
}

function bare(name: string, started: Pick<StartedServer, "process" | "origin">, encodings: readonly Encoding[]): StartedServer {
  return { name, ...started, path: "/", health: "/", form: "oip", encodings, canPause: true };
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type HomePaths, replaceFile } from "@slipway/local";

/** A listener whose port outlives its process. */
export type Listener = "gateway" | "api";

/** The ports of a home that never had another. */
export const firstPorts: Readonly<Record<Listener, number>> = { gateway: 7878, api: 7879 };

const fileOf = (paths: HomePaths, listener: Listener) => join(paths.directory, `${listener}.port`);

/** The port that a listener of this home had, or was told to take (0 = any free one); undefined when there was none. */
export async function rememberedPort(paths: HomePaths, listener: Listener): Promise<number | undefined> {
  try {
    const port = Number((await readFile(fileOf(paths, listener), "utf8")).trim());
    return Number.isInteger(port) && port >= 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** The port a listener should take. */
export async function readPort(paths: HomePaths, listener: Listener): Promise<number> {
  return (await rememberedPort(paths, listener)) ?? firstPorts[listener];
}

/** Remembers the port, so that a listener that is started again is found where it was. */
export async function writePort(paths: HomePaths, listener: Listener, port: number): Promise<void> {
  await replaceFile(fileOf(paths, listener), `${port}\n`);
}

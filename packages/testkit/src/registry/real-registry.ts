import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Debian's package `docker-registry`: the registry that most others are made of. */
const program = "/usr/bin/docker-registry";

/** False where the program is; else why a test that needs it is left out. */
export const registryMissing = !existsSync(program) && "needs /usr/bin/docker-registry, of the Debian package docker-registry";

/** A user of {@link realRegistry} and the line of its password file, bcrypt of "open sesame". */
export const registryUser = { username: "ada", password: "open sesame" };
const passwordLine = "ada:$2y$05$rURqbDMrylL0fkLShdj5Pu0SEfCHa9nIniv0Mucom/o/lMoGvES/y\n";

/** How a test registry is set up. */
export interface RealRegistryOptions {
  /** `password`: {@link registryUser}; an object: the registry's own settings for tokens. */
  readonly auth?: "password" | { readonly token: Readonly<Record<string, string>> };
}

/** A real registry on a loopback port of its own, ended with the test. Gives its host. */
export async function realRegistry(
  t: Pick<TestContext, "after">,
  { auth }: RealRegistryOptions = {},
): Promise<{ host: string; storage: string }> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-registry-"));
  const storage = join(folder, "storage");
  const passwords = join(folder, "passwords");
  await writeFile(passwords, passwordLine);
  const host = `127.0.0.1:${await freePort()}`;
  const settings = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: host },
    ...(auth === undefined ? {} : { auth: auth === "password" ? { htpasswd: { realm: "test", path: passwords } } : auth }),
  };
  // JSON is YAML.
  await writeFile(join(folder, "settings.yaml"), JSON.stringify(settings));
  const child = spawn(program, ["serve", join(folder, "settings.yaml")], { stdio: "ignore" });
  t.after(async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  });
  await answers(host, child);
  return { host, storage };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function answers(host: string, child: ChildProcess): Promise<void> {
  const deadline = process.hrtime.bigint() + 20_000_000_000n;
  while (process.hrtime.bigint() < deadline && child.exitCode === null) {
    const response = await fetch(`http://${host}/v2/`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200 || response?.status === 401) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("the registry did not start");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

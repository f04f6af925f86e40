import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import type { Credential, Credentials } from "./credentials.ts";

/** A helper that asks somebody something has no terminal here, and must not hold up a push for ever. */
const helperMs = 60_000;

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** What `docker login` (and podman, crane, helm …) left: the `config.json` at `file`, and the helper programs it names. */
export function dockerCredentials(file: string, environment: Readonly<Record<string, string | undefined>>): Credentials {
  return async (registry) => {
    const config = await readConfig(file);
    if (config === undefined) return undefined;
    const keys = configKeys(registry);
    const helper = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined) ?? config.credsStore;
    const helped = helper === undefined || helper === "" ? undefined : await askHelper(helper, keys[0]!, environment);
    if (helped !== undefined) return helped;
    const entry = keys.map((key) => config.auths?.[key]).find((found) => found !== undefined);
    return entry === undefined ? undefined : fromEntry(entry, file);
  };
}

/** Names under which a registry may stand in the file, the one that helpers are asked for first. */
function configKeys(registry: string): string[] {
  if (registry === "docker.io") return ["https://index.docker.io/v1/", "docker.io", "index.docker.io"];
  return [registry, `https://${registry}`, `https://${registry}/`, `https://${registry}/v1/`, `https://${registry}/v2/`];
}

async function readConfig(file: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (caught) {
    if (["ENOENT", "ENOTDIR"].includes((caught as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new SlipwayError("unauthenticated", `The registry credentials in ${file} cannot be read.`, { cause: caught });
  }
  try {
    const config = JSON.parse(text) as unknown;
    if (typeof config === "object" && config !== null) return config as DockerConfig;
  } catch {
    // Said below: the text may hold passwords, so nothing of it is shown.
  }
  throw new SlipwayError("unauthenticated", `The registry credentials in ${file} are not JSON.`, {
    hint: "Mend the file, or log in to the registry again.",
  });
}

function fromEntry(entry: NonNullable<DockerConfig["auths"]>[string], file: string): Credential | undefined {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.username !== undefined && entry.password !== undefined) return { username: entry.username, password: entry.password };
  // A credential store leaves an empty entry to say that it has the rest.
  if (!entry.auth) return undefined;
  const text = Buffer.from(entry.auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) {
    throw new SlipwayError("unauthenticated", `An entry of the registry credentials in ${file} is not a user and a password.`, {
      hint: "Log in to the registry again.",
    });
  }
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
}

/** Runs `docker-credential-NAME get`, https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol. */
async function askHelper(
  name: string,
  server: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  const refuse = (why: string, cause?: unknown) =>
    new SlipwayError("unauthenticated", `The credential helper ${program} ${why}.`, {
      hint: `Try \`echo ${server} | ${program} get\`, and log in to the registry again.`,
      cause,
    });
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw refuse("has a name that no program may have here");
  const { error, stdout } = await run(program, server, environment);
  if (error !== undefined) {
    if (/credentials not found/i.test(stdout)) return undefined;
    throw refuse("failed", error);
  }
  let answer: { Username?: unknown; Secret?: unknown };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw refuse("did not answer with JSON");
  }
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== "string" || typeof secret !== "string") throw refuse("gave no user and secret");
  return username === "<token>" ? { identityToken: secret } : { username, password: secret };
}

function run(program: string, input: string, env: Readonly<Record<string, string | undefined>>) {
  return new Promise<{ error?: unknown; stdout: string }>((resolve) => {
    const options = { env: { ...env }, timeout: helperMs, maxBuffer: 1024 * 1024 };
    const child = execFile(program, ["get"], options, (error, stdout) =>
      resolve(error === null ? { stdout } : { error, stdout }),
    );
    // A helper may end without reading.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

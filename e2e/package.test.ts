// What is published: built, packed, installed into an empty directory as a user would, and used without the checkout.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type DigitsAnswer, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { type CommandResult, root, run } from "./harness/platform.ts";

let top: string;
let prefix: string;
let home: string;
before(async () => {
  // A space, because people have them in their paths.
  top = await mkdtemp(join(tmpdir(), "slipway package-"));
  [prefix, home] = [join(top, "prefix"), join(top, "home")];
});
after(async () => {
  await slipway("down").catch(() => {});
  await rm(top, { recursive: true, force: true });
});

/** What npm says when it needs a registry and reaches none. */
const offline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/;

test("the package, installed with npm, deploys the digits example", async (t) => {
  const built = join(top, "built");
  await succeeds(run(process.execPath, ["scripts/build.ts", built]));
  const tarball = (await succeeds(run("npm", ["pack", built, "--silent"], { cwd: top }))).stdout.trim();
  const installed = await run(
    "npm",
    ["install", "--global", "--prefix", prefix, "--prefer-offline", "--ignore-scripts", "--include=optional", join(top, tarball)],
    { cwd: top },
  );
  if (installed.code !== 0 && offline.test(installed.stderr)) {
    t.skip(`npm reaches no registry: ${offline.exec(installed.stderr)![0]}`);
    return;
  }
  assert.equal(installed.code, 0, installed.stderr);

  const files = await readdir(join(prefix, "lib", "node_modules", "slipway"), { recursive: true });
  const own = files.filter((file) => !file.startsWith("node_modules"));
  assert.deepEqual(
    own.filter((file) => file.endsWith(".ts")),
    [],
    "no sources",
  );
  const { version } = JSON.parse(await readFile(join(root, "apps", "slipway", "package.json"), "utf8"));
  assert.match((await slipway("version")).stdout, new RegExp(`^slipway ${version} \\(Node\\.js 26\\.`));

  const example = join(top, "digits");
  await cp(join(prefix, "lib", "node_modules", "slipway", "examples", "digits"), example, { recursive: true });
  const builtins = await builtinsOfServe(join(example, "v1"));
  assert.ok(builtins.includes("NativeModule http"), builtins.join());
  assert.ok(!builtins.some((name) => name.includes("undici")), "serving loads no HTTP client, not even that of Node.js");

  await slipway("up", "--detach", "--gateway-port", "0", "--api-port", "0");
  await slipway("apply", "-f", join(example, "model.yaml"), "--wait", "--timeout", "60s");
  const answer = await run(join(prefix, "bin", "slipway"), ["predict", "digits", "-f", "-"], {
    ...surroundings(),
    input: requestFor([0, 1, 2]),
  });
  assert.equal(answer.code, 0, answer.stderr);
  assert.equal(wrongAnswer(JSON.parse(answer.stdout) as DigitsAnswer, [0, 1, 2], reference("v1")), undefined);
  await slipway("down");

  await stat(join(prefix, "lib", "node_modules", "slipway", "lib", "slipway_worker", "__main__.py"));
  // What is loaded only when it is needed is there, too: the readers of YAML, licences and signatures.
  const keys = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const file = (name: string) => join(top, name);
  await writeFile(file("key"), keys.privateKey);
  await writeFile(file("pub"), keys.publicKey);
  await writeFile(join(example, "v1", "README.md"), "---\nlicense: mit\n---\n");
  await slipway("build", join(example, "v1"), "--name", "carded");
  assert.match((await slipway("inspect", "carded")).stdout, /licence: +MIT\n/);
  await slipway("sign", "carded", "--key", file("key"));
  await slipway("verify", "carded", "--key", file("pub"));
});

/** Outside the checkout, with nothing of npm or its Node.js in the environment. */
function surroundings(): { cwd: string; env: Record<string, string> } {
  return { cwd: top, env: { SLIPWAY_HOME: home, PATH: "/usr/bin:/bin" } };
}

/** What of Node.js a server loads until it is ready. */
async function builtinsOfServe(model: string): Promise<string[]> {
  const list = join(top, "loaded.json");
  const preload = join(root, "apps", "slipway", "src", "testing", "list-loaded.ts");
  const { cwd, env } = surroundings();
  const child = spawn(join(prefix, "bin", "slipway"), ["serve", model, "--port", "0"], {
    cwd,
    env: { ...env, LIST_LOADED: list, NODE_OPTIONS: `--import=${JSON.stringify(preload)}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.once("data", () => child.kill("SIGTERM"));
  await once(child, "exit");
  return (JSON.parse(await readFile(list, "utf8")) as { builtins: string[] }).builtins;
}

/** Runs the installed command, which must exit 0. */
function slipway(...args: string[]): Promise<CommandResult> {
  return succeeds(run(join(prefix, "bin", "slipway"), args, surroundings()));
}

async function succeeds(running: Promise<CommandResult>): Promise<CommandResult> {
  const result = await running;
  assert.equal(result.code, 0, `${result.stderr}${result.stdout}`);
  return result;
}

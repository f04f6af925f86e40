import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nowhere } from "./nowhere.ts";
import { type LogQuery, readReplicaLogs } from "./replica-logs.ts";

async function home(
  context: TestContext,
  logs: Record<string, string>,
): Promise<{ home: string; write: typeof writeFile; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), "slipway-logs-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, "logs", "default");
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(logs)) await writeFile(join(folder, name), text);
  return { home: root, write: writeFile, folder };
}

async function lines(query: Partial<LogQuery> & { home: string }): Promise<string[]> {
  const found: string[] = [];
  await readReplicaLogs(nowhere, { namespace: "default", model: "digits", follow: false, ...query }, (replica, line) =>
    found.push(`${replica} ${line}`),
  );
  return found;
}

const first = "digits-0123456789-0";
const second = "digits-abcdef0123-1";

test("a model's logs are those of its own replicas, gone or not", async (context) => {
  const { home: directory } = await home(context, {
    [`${second}.log`]: "b1\nb2\n",
    [`${first}.log`]: "a1\na2\na3\n",
    [`${first}.log.1`]: "a0\n",
    "digits-two-0123456789-0.log": "of another model\n",
    "control.log": "of the platform\n",
  });
  assert.deepEqual(await lines({ home: directory }), [
    `${first} a0`,
    `${first} a1`,
    `${first} a2`,
    `${first} a3`,
    `${second} b1`,
    `${second} b2`,
  ]);
  assert.deepEqual(await lines({ home: directory, tail: 1 }), [`${first} a3`, `${second} b2`]);
  assert.deepEqual(await lines({ home: directory, replica: second }), [`${second} b1`, `${second} b2`]);
});

test("without any log the error says where one would come from", async (context) => {
  const { home: directory } = await home(context, {});
  await assert.rejects(lines({ home: directory }), { code: "notFound", message: /no log of model digits in namespace default/ });
  await assert.rejects(lines({ home: directory, namespace: "../.." }), { code: "usage" });
  await assert.rejects(lines({ home: join(directory, "new") }), { code: "notFound" });
  await assert.rejects(lines({ home: directory, replica: first, follow: true }), {
    code: "notFound",
    message: /replica digits-0123456789-0/,
  });
});

test("following goes on with replicas that start later, until it is told to stop", async (context) => {
  const { home: directory, folder } = await home(context, { [`${first}.log`]: "a1\n" });
  const stop = new AbortController();
  const found: string[] = [];
  const query = { home: directory, namespace: "default", model: "digits", follow: true };
  await readReplicaLogs({ ...nowhere, signal: stop.signal }, query, (replica, line) => {
    found.push(`${replica} ${line}`);
    if (found.length === 1) void writeFile(join(folder, `${second}.log`), "b1\n");
    if (found.length === 2) stop.abort();
  });
  assert.deepEqual(found, [`${first} a1`, `${second} b1`]);
});

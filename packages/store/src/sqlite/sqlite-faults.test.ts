import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import { churn, refused, sampleModel, sampleSecret } from "@slipway/testkit";
import fc from "fast-check";
import type { LocalStore } from "../local-store.ts";
import { openSqliteStore } from "../open-store.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-store-"));
after(() => rmSync(root, { recursive: true }));
let made = 0;

/** A directory of its own for each use. */
function directory(): string {
  const path = join(root, String(made++));
  mkdirSync(path);
  return path;
}

function open(path: string, more: { historyLimit?: number; mostBytes?: number } = {}): LocalStore {
  return openSqliteStore({ path, clock: new VirtualClock(), ...more });
}

function refusal(attempt: () => LocalStore): SlipwayError {
  try {
    attempt().close();
  } catch (error) {
    assert.ok(error instanceof SlipwayError, String(error));
    return error;
  }
  return assert.fail("the store opened");
}

async function models(store: LocalStore): Promise<Resource<"Model">[]> {
  return (await store.list("Model")).items;
}

test("compaction and versions survive a restart", async () => {
  const path = join(directory(), "state.db");
  const store = open(path, { historyLimit: 20 });
  await churn(store, { writers: 1, writes: 60, seed: 1 });
  const before = await store.list("Model");
  store.close();
  const again = open(path, { historyLimit: 20 });
  assert.deepEqual(await again.list("Model"), before);
  const watch = again.watch("Model", { from: "1" }, AbortSignal.timeout(10_000));
  await refused(watch[Symbol.asyncIterator]().next(), "expired");
  const next = await again.write(sampleModel("next"), { expect: "absent", manager: "tester" });
  assert.equal(next.metadata.resourceVersion, String(Number(before.version) + 1));
  again.close();
});

test("a second process on the same file is refused", () => {
  const path = join(directory(), "state.db");
  const store = open(path);
  const error = refusal(() => open(path));
  assert.deepEqual(
    [error.code, error.message],
    ["unavailable", "The state database is in use by another process (while opening it)."],
  );
  store.close();
  open(path).close();
});

test("a newer schema is refused by name and left as it is", () => {
  const path = join(directory(), "state.db");
  open(path).close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 7");
  database.close();
  const bytes = readFileSync(path);
  const error = refusal(() => open(path));
  assert.equal(error.code, "invalid");
  assert.equal(error.message, "The state database has schema 7; this Slipway knows schemas up to 1. It was not changed.");
  assert.match(error.hint ?? "", /newer Slipway/);
  assert.deepEqual(readFileSync(path), bytes);
});

test("a file that is no database, or an object that does not match its checksum, is named as damage", async () => {
  const text = join(directory(), "state.db");
  writeFileSync(text, "this is not a database, but it is long enough to be taken for one".repeat(20));
  assert.match(refusal(() => open(text)).message, /^The state database is damaged: file is not a database/);
  writeFileSync(text, "short");
  assert.match(refusal(() => open(text)).message, /damaged: it has only 5 bytes/);
  writeFileSync(text, "");
  writeFileSync(`${text}-wal`, "something");
  assert.match(refusal(() => open(text)).message, /damaged: it is empty, but there is a log/);
  const path = join(directory(), "state.db");
  const store = open(path);
  await store.write(sampleModel("m"), { expect: "absent", manager: "tester" });
  store.close();
  const database = new DatabaseSync(path);
  database.exec(`UPDATE resources SET text = replace(text, '"m"', '"n"') WHERE kind = 'Model'`);
  database.close();
  const error = refusal(() => open(path));
  assert.match(error.message, /^The state database is damaged: an object in it does not match its checksum/);
  assert.match(error.hint ?? "", /-wal/);
});

test("whatever becomes of the bytes of the file: the store opens with all it had, or says that it cannot", {
  timeout: 60_000,
}, async () => {
  const source = join(directory(), "state.db");
  const store = open(source);
  await churn(store, { writers: 1, writes: 30, seed: 5 });
  const before = await models(store);
  store.close();
  const size = statSync(source).size;
  const damage = fc.oneof(
    fc.record({ do: fc.constant("flip" as const), at: fc.nat(size - 1), byte: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ do: fc.constant("zero" as const), at: fc.nat(size - 1), byte: fc.integer({ min: 1, max: 5000 }) }),
    fc.record({ do: fc.constant("cut" as const), at: fc.integer({ min: 1, max: size - 1 }), byte: fc.constant(0) }),
  );
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ do: how, at, byte }) => {
      const path = join(directory(), "state.db");
      const bytes = readFileSync(source);
      if (how === "flip") bytes[at] = bytes[at]! ^ byte;
      if (how === "zero") bytes.fill(0, at, Math.min(size, at + byte));
      writeFileSync(path, how === "cut" ? bytes.subarray(0, at) : bytes);
      try {
        const opened = open(path);
        const found = await models(opened);
        opened.close();
        assert.deepEqual(found, before);
      } catch (error) {
        assert.ok(error instanceof SlipwayError && error.hint !== undefined, String(error));
        refusals++;
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(refusals > 0, "some damage was found");
});

test("whatever becomes of the end of the log: the store opens as it was after some write", { timeout: 60_000 }, async () => {
  const source = join(directory(), "state.db");
  const store = open(source);
  const states = new Map([[(await store.list("Model")).version, await models(store)]]);
  for (let step = 0; step < 25; step++) {
    await churn(store, { writers: 1, writes: 1, seed: step });
    states.set((await store.list("Model")).version, await models(store));
  }
  const size = statSync(`${source}-wal`).size;
  const damage = fc.record({
    do: fc.constantFrom("cut" as const, "zero" as const, "noise" as const, "grow" as const),
    at: fc.nat(size - 1),
  });
  const versions = new Set<string>();
  await fc.assert(
    fc.asyncProperty(damage, async ({ do: how, at }) => {
      const path = join(directory(), "state.db");
      copyFileSync(source, path);
      const log = readFileSync(`${source}-wal`);
      if (how === "zero") log.fill(0, at);
      if (how === "noise") log.fill(0xa5, at);
      writeFileSync(`${path}-wal`, how === "grow" ? Buffer.concat([log, Buffer.alloc(at)]) : log);
      if (how === "cut") truncateSync(`${path}-wal`, at);
      const opened = open(path);
      const { version, items } = await opened.list("Model");
      // Without any log the store is empty, and makes the default namespace anew.
      assert.deepEqual(items, states.get(version) ?? (Number(version) === 1 ? [] : undefined));
      versions.add(version);
      opened.close();
    }),
    { numRuns: 60 },
  );
  store.close();
  assert.ok(versions.size > 3, "the log was lost from several places on");
});

test("a full disk is said, changes nothing, and is got over", async () => {
  const path = join(directory(), "state.db");
  const store = open(path, { mostBytes: 300_000 });
  const made: string[] = [];
  let error: SlipwayError | undefined;
  while (error === undefined) {
    const name = `s-${made.length}`;
    const secret = sampleSecret(name, {}, { data: { key: "A".repeat(20_000) } });
    await store.write(secret, { expect: "absent", manager: "tester" }).then(
      () => made.push(name),
      (caught: unknown) => {
        error = SlipwayError.from(caught);
      },
    );
  }
  assert.deepEqual([error.code, error.message], ["storageFull", "The disk is full (while writing to it); nothing was changed."]);
  assert.equal((await store.list("Secret")).items.length, made.length);
  const { version } = await store.list("Secret");
  store.close();
  const again = open(path);
  assert.deepEqual((await again.list("Secret")).items.length, made.length);
  assert.equal((await again.list("Secret")).version, version);
  await again.write(sampleSecret("more"), { expect: "absent", manager: "tester" });
  again.close();
});

test("a directory or file that may not be written is said", () => {
  const path = join(directory(), "state.db");
  open(path).close();
  const bare = directory();
  for (const each of [bare, join(path, "..")]) chmodSync(each, 0o555);
  chmodSync(path, 0o444);
  chmodSync(root, 0o755);
  const errors = asOrdinaryUser(() => [refusal(() => open(join(bare, "state.db"))), refusal(() => open(path))]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["storageFull", "storageFull"],
  );
  assert.match(errors[0]?.message ?? "", /^The state database cannot be written/);
  assert.match(errors[0]?.hint ?? "", /writable/);
});

/** Runs as a user whom permissions bind: root, as tests in containers are, steps down meanwhile. */
function asOrdinaryUser<T>(work: () => T): T {
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
}

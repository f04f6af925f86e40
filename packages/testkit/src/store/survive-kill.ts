import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { VirtualClock } from "@slipway/base";
import { openSqliteStore } from "@slipway/store";

const writer = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));

/**
 * Lets a process write to the store at `path` and kills it with SIGKILL after `acknowledged` writes, once for each number given. Each time the store
 * must open again with every acknowledged write, at most one more, nothing half-made, and versions that go on where they were.
 */
export async function surviveKill(path: string, rounds: readonly number[]): Promise<void> {
  let newest = 0;
  for (const acknowledged of rounds) {
    const known = await writeUntilKilled(path, acknowledged);
    const store = openSqliteStore({ path, clock: new VirtualClock(), historyLimit: 200 });
    try {
      const { items, version } = await store.list("Model");
      const last = Math.max(...known.map((write) => write.version));
      assert.ok(last > newest, "versions go on where they were");
      assert.ok(Number(version) === last || Number(version) === last + 1, `acknowledged ${last}, found ${version}`);
      for (const [name, write] of new Map(known.map((each) => [each.name, each]))) {
        const found = items.find((item) => item.metadata.name === name);
        if (found?.metadata.resourceVersion === String(last + 1)) continue;
        if (found === undefined && Number(version) === last + 1) continue;
        assert.equal(found?.spec.parameters.value ?? "-", write.value, name);
      }
      for (const { spec } of items)
        assert.equal(spec.parameters.padding, spec.parameters.value!.repeat(Number(spec.parameters.value) % 900));
      newest = Number(version);
    } finally {
      store.close();
    }
  }
}

interface AcknowledgedWrite {
  readonly name: string;
  readonly value: string;
  readonly version: number;
}

async function writeUntilKilled(path: string, count: number): Promise<AcknowledgedWrite[]> {
  const child = spawn(process.execPath, [writer], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  child.stdin.end(path);
  const known: AcknowledgedWrite[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [name = "", value = "", version] = line.split(" ");
    known.push({ name, value, version: Number(version) });
    if (known.length === count) child.kill("SIGKILL");
  }
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL", "the writer was alive when it was killed");
  assert.ok(known.length >= count);
  return known;
}

import { readFileSync, writeSync } from "node:fs";
import { systemClock } from "@slipway/base";
import { openSqliteStore } from "@slipway/store";
import { sampleModel } from "./sample-resources.ts";

// A process made to be killed: opens the store named on standard input and writes for ever. Each line on standard output is one
// acknowledged write, `NAME VALUE VERSION`, where the value "-" means that the object was removed.
const path = readFileSync(0, "utf8").trim();
const store = openSqliteStore({ path, clock: systemClock, historyLimit: 200 });
for (let step = 0; ; step++) {
  const name = `m-${step % 7}`;
  const old = await store.get("Model", { namespace: "default", name });
  const value = String(step);
  if (old !== undefined && step % 5 === 0) {
    const gone = await store.remove("Model", { namespace: "default", name });
    writeSync(1, `${name} - ${gone.metadata.resourceVersion}\n`);
  } else {
    const next = sampleModel(name, { parameters: { value, padding: value.repeat(step % 900) } });
    const done = await store.write(next, { expect: old?.metadata.resourceVersion ?? "absent", manager: "crash" });
    writeSync(1, `${name} ${value} ${done.metadata.resourceVersion}\n`);
  }
}

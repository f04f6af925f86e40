import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { digits } from "./pod.ts";

const sample = JSON.parse(await readFile(join(digits, "samples/single.json"), "utf8")) as { request: unknown };

/** Sends inference for `team/digits` without a pause until it is told to stop; `url` says where to for each request. Then what was not answered with 200. */
export function inferenceLoad(url: () => string, headers: Readonly<Record<string, string>> = {}) {
  let running = true;
  const state = { count: 0, bad: [] as unknown[] };
  const lane = async () => {
    while (running) {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(sample.request),
      };
      const status = await fetch(`${url()}/namespaces/team/v2/models/digits/infer`, init).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        (error: unknown) => ({ status: 0, text: String(error) }),
      );
      state.count += 1;
      if (status.status !== 200) state.bad.push(status);
    }
  };
  const done = Promise.all([lane(), lane(), lane(), lane()]);
  return {
    state,
    stop: async () => {
      running = false;
      await done;
      return state;
    },
  };
}

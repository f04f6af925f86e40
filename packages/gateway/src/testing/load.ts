import type { Got, Platform } from "./start-platform.ts";

/** Sends requests from `lanes` clients without a pause until `stop` is called; then gives every answer that was not a good one. */
export function load(
  platform: Platform,
  lanes: number,
): { stop(): Promise<{ count: number; bad: (Got | Error)[] }>; readonly count: number } {
  let running = true;
  let count = 0;
  const bad: (Got | Error)[] = [];
  const lane = async (id: number) => {
    while (running) {
      const body = `${id}-${count++}`;
      const got = await platform.call("/v2/models/digits/infer", { body }).catch((error: Error) => error);
      if (got instanceof Error || got.status !== 200 || got.text.split(":")[1] !== body) bad.push(got);
    }
  };
  const done = Promise.all(Array.from({ length: lanes }, (_, id) => lane(id)));
  return {
    get count() {
      return count;
    },
    async stop() {
      running = false;
      await done;
      return { count, bad };
    },
  };
}

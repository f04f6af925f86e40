import { open } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "@slipway/base";

const maxSampleBytes = 64 * 1024 * 1024;

/** The sample files of a materialised bundle, one in memory at a time. Throws `tooLarge` above 64 MiB. */
export async function* readSamples(
  directory: string,
  paths: readonly string[],
): AsyncGenerator<{ path: string; text: Buffer }, void, undefined> {
  for (const path of paths) {
    await using file = await open(join(directory, path));
    const { size } = await file.stat();
    if (size > maxSampleBytes)
      throw new SlipwayError("tooLarge", `Sample ${JSON.stringify(path)} is larger than ${maxSampleBytes} bytes.`);
    yield { path, text: await file.readFile() };
  }
}

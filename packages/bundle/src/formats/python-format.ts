import type { Signature } from "@slipway/spec";
import { samplesSignature } from "../python/samples-signature.ts";
import type { ModelFormat, PythonFacts } from "./model-format.ts";
import { decodeSignature, encodeSignature } from "./signature-form.ts";

const textLimit = 8 * 2 ** 20;

/** Python: a `model.py` with a class `Model`, and the packages that it needs. */
export const pythonFormat: ModelFormat<PythonFacts> = {
  expects: "model.py with a class Model",
  detect: (paths) => (paths.includes("model.py") ? { main: "model.py" } : undefined),
  async prepare(directory, main, tools) {
    // Only who builds needs what reads dependency files and calls uv.
    const { preparePython } = await import("../python/prepare-python.ts");
    const { files, environment } = await preparePython(directory, tools);
    return { files, facts: { format: "python", entry: directory.inImage(main), environment } };
  },
  async inspect(directory, _main, prepared) {
    const samples: unknown[] = [];
    for (const path of directory.files.keys()) {
      if (/^samples\/[^/]+\.json$/.test(path)) samples.push(parsed(await directory.read(path, textLimit)));
    }
    const signature = samplesSignature(samples);
    return { ...prepared!, ...(signature === undefined ? {} : { signature }) };
  },
  encode: ({ entry, environment: { python, platform, lock }, signature }) => ({
    entry,
    environment: { python, platform, lock },
    ...(signature === undefined ? {} : { signature: encodeSignature(signature) }),
  }),
  decode(facts, existing) {
    const environment = facts.get("environment");
    const signature: Signature | undefined =
      facts.optional("signature") === undefined ? undefined : decodeSignature(facts.get("signature"));
    return {
      format: "python",
      entry: existing(facts.get("entry")),
      environment: {
        python: environment.get("python").text(),
        platform: environment.get("platform").text(),
        lock: existing(environment.get("lock")),
      },
      ...(signature === undefined ? {} : { signature }),
    };
  },
};

/** A sample that is not JSON shows no signature; what is wrong with it is said where samples are checked. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

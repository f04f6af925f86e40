import type { Signature } from "@slipway/spec";
import { detectPython, libraryOf, pythonLibraries } from "../python/python-libraries.ts";
import { samplesSignature } from "../python/samples-signature.ts";
import type { ModelFormat, PythonFacts } from "./model-format.ts";
import { decodeSignature, encodeSignature } from "./signature-form.ts";

const textLimit = 8 * 2 ** 20;

/** Python: a `model.py` with a class `Model`, and the packages that it needs. */
export const pythonFormat: ModelFormat<PythonFacts> = {
  expects: `model.py with a class Model, or one of ${pythonLibraries.map(({ file }) => file).join(", ")}`,
  detect: detectPython,
  async prepare(directory, main, tools) {
    // Only who builds needs what reads dependency files and calls uv.
    const { preparePython } = await import("../python/prepare-python.ts");
    const library = libraryOf(main);
    const { files, environment } = await preparePython(directory, tools, library?.packages);
    const entry = directory.inImage(main);
    const handler = library === undefined ? {} : { handler: library.handler };
    return { files, facts: { format: "python", entry, ...handler, environment } };
  },
  async inspect(directory, _main, prepared) {
    const samples: unknown[] = [];
    for (const path of directory.files.keys()) {
      if (/^samples\/[^/]+\.json$/.test(path)) samples.push(parsed(await directory.read(path, textLimit)));
    }
    const signature = samplesSignature(samples);
    return { ...prepared!, ...(signature === undefined ? {} : { signature }) };
  },
  encode: ({ entry, handler, environment: { python, platform, lock }, signature }) => ({
    entry,
    ...(handler === undefined ? {} : { handler }),
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
      ...(facts.optional("handler") === undefined
        ? {}
        : { handler: facts.get("handler").is(...pythonLibraries.map(({ handler }) => handler)) }),
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

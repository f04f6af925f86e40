import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../load/cache-folder.ts";
import { BareLoop } from "./bare-loop.ts";
import { imageModel, type Layers, layeredModel } from "./layered-model.ts";

/** A model file to measure with. */
export interface BenchModel {
  readonly name: string;
  /** A model directory as `slipway serve` takes it. */
  readonly folder: string;
  /** The `.onnx` file in it. */
  readonly file: string;
  /** Of one request. */
  readonly shape: readonly number[];
}

interface Recipe extends Omit<Layers, "count"> {
  /** What one run with one thread should take on this machine; the number of layers follows from it. */
  readonly ms: number;
}

/** Those whose time is set. `-wide` ones batch well, the others do not batch at all. */
const timed: Readonly<Record<string, Recipe>> = {
  "2ms": { ms: 2, width: 256, rows: 64 },
  "10ms": { ms: 10, width: 256, rows: 64 },
  "200ms": { ms: 200, width: 256, rows: 512 },
  "2ms-wide": { ms: 2, width: 1024, rows: 1 },
  "10ms-wide": { ms: 10, width: 1024, rows: 1 },
};
const fixed = {
  /** 64 → 128 → 10. */
  tiny: () => layeredModel({ count: 0, width: 128, rows: 1 }),
  /** 602 KB in, 602 KB out. */
  "image-identity": () => imageModel("identity"),
  /** 602 KB in, 12 bytes out. */
  "image-means": () => imageModel("means"),
} as const;

/** Every name {@link ensureModel} knows. */
export const modelNames: readonly string[] = [...Object.keys(fixed), ...Object.keys(timed)];

const imageShape = [1, 3, 224, 224];

/** The model of this name, made on the first call and kept outside the checkout, for this generator and this processor. */
export async function ensureModel(name: string): Promise<BenchModel> {
  const folder = cacheFolder("bench-models", key(), name);
  const file = join(folder, "model.onnx");
  const shape = name.startsWith("image") ? imageShape : [1, 64];
  if (!existsSync(file)) {
    const make = fixed[name as keyof typeof fixed];
    const bytes = make !== undefined ? make() : layeredModel(await calibrated(name, timed[name]!));
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.part`, bytes);
    renameSync(`${file}.part`, file);
  }
  return { name, folder, file, shape };
}

/** Two sizes are run; the time of a layer is their difference by the layers between them. The fastest of several runs counts, since what disturbs a run only makes it longer. */
async function calibrated(name: string, recipe: Recipe): Promise<Layers> {
  const few = 4;
  const many = recipe.rows > 100 ? 20 : 36;
  const time = async (count: number) => {
    const folder = cacheFolder("bench-models", key(), `${name}-trial`);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "model.onnx");
    writeFileSync(file, layeredModel({ ...recipe, count }));
    return (await BareLoop.once(file, [1, 64], 2)).leastMs;
  };
  const [short, long] = [await time(few), await time(many)];
  const layerMs = (long - short) / (many - few);
  const layers = Math.max(1, Math.round(few + (recipe.ms - short) / layerMs));
  console.error(`${name}: ${layers} layers of ${layerMs.toFixed(3)} ms`);
  return { ...recipe, count: layers };
}

function key(): string {
  const hash = createHash("sha256").update(cpus()[0]!.model);
  for (const file of ["layered-model.ts", "models.ts"]) hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest("hex").slice(0, 12);
}

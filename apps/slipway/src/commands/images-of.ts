import { SlipwayError } from "@slipway/base";

/** Which image each Model runs, from the values of `--image`: `MODEL=IMAGE`, or just the image when there is one Model. Throws `usage`. */
export function imagesOf(models: readonly string[], flags: readonly string[]): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  for (const flag of flags) {
    const [, name, image] = /^(?:([^=]*)=)?(.*)$/s.exec(flag)!;
    const model = name ?? (models.length === 1 ? models[0] : undefined);
    if (model === undefined) {
      throw new SlipwayError("usage", `--image ${flag} does not say of which Model; there are ${models.length}.`, {
        hint: `Write --image MODEL=IMAGE for each of ${models.join(", ")}.`,
      });
    }
    if (!models.includes(model))
      throw new SlipwayError("usage", `--image ${flag} names "${model}", which is no Model of the manifests that has none.`);
    if (images.has(model)) throw new SlipwayError("usage", `Two images are given for Model ${model}; keep one.`);
    images.set(model, image!);
  }
  const missing = models.filter((model) => !images.has(model));
  if (missing.length === 0) return images;
  throw new SlipwayError("usage", `No image is given for ${missing.join(", ")}.`, {
    hint: `Write --image ${missing[0]}=REGISTRY/NAME@sha256:….`,
  });
}

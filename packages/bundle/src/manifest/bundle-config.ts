import type { BundleLimits } from "../build/bundle-limits.ts";
import { formatNames, formatOf } from "../formats/formats.ts";
import type { ModelFacts } from "../formats/model-format.ts";
import type { BundleCommon, BundleFile } from "./bundle-manifest.ts";
import { Decoder, damaged } from "./decode.ts";
import type { Digest } from "./digest.ts";
import { environmentRoot, imageRoot, isEnvironmentPath, pathProblem } from "./file-path.ts";
import { layerLimit } from "./image-manifest.ts";

/** What the config blob holds: the manifest without what is not content, and the layers' digests. */
export type BundleConfig = Pick<BundleCommon, "samples" | "files"> & ModelFacts & { readonly layers: readonly Digest[] };

const formatVersion = 1;

/** The one encoding of a config: an OCI image config of no platform, with the bundle's facts in a field of their own. */
export function encodeBundleConfig(config: BundleConfig): Buffer {
  return Buffer.from(
    JSON.stringify({
      architecture: "unknown",
      os: "unknown",
      rootfs: { type: "layers", diff_ids: config.layers },
      slipway: {
        version: formatVersion,
        format: config.format,
        ...formatOf(config.format).encode(config),
        samples: config.samples,
        files: config.files.map(({ path, digest, size }) => ({ path, digest, size })),
      },
    }),
  );
}

function decodeFiles(list: Decoder, limits: BundleLimits): BundleFile[] {
  const items = list.list(limits.files + limits.environmentFiles);
  const own = items.filter((item) => !isEnvironmentPath(item.get("path").text())).length;
  if (own > limits.files) throw damaged(`${list.place} has more than ${limits.files} entries`);
  let total = 0;
  let before = "";
  return items.map((item) => {
    const path = item.get("path").text();
    const root = isEnvironmentPath(path) ? environmentRoot : imageRoot;
    const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : "";
    if (pathProblem(inside) !== undefined) throw damaged(`${item.place}.path is not a path under ${imageRoot}/`);
    if (path <= before) throw damaged(`${item.place}.path is not in order`);
    before = path;
    const size = item.get("size").size(limits.fileBytes);
    total += size;
    if (total > limits.totalBytes) throw damaged(`its files have more than ${limits.totalBytes} bytes`);
    return { path, digest: item.get("digest").digest(), size };
  });
}

/** Reads what {@link encodeBundleConfig} wrote and nothing else; throws `invalid`. */
export function decodeBundleConfig(bytes: Buffer, limits: BundleLimits): BundleConfig {
  const root = Decoder.parse(bytes, "config");
  const facts = root.get("slipway");
  facts.get("version").is(formatVersion);
  const files = decodeFiles(facts.get("files"), limits);
  const known = new Set(files.map((file) => file.path));
  const existing = (item: Decoder) => {
    const path = item.text();
    if (!known.has(path)) throw damaged(`${item.place} is not one of its files`);
    return path;
  };
  const format = facts.get("format").is(...formatNames);
  const config: BundleConfig = {
    ...formatOf(format).decode(facts, existing),
    samples: facts.get("samples").list(limits.files).map(existing),
    files,
    layers: root
      .get("rootfs")
      .get("diff_ids")
      .list(layerLimit)
      .map((id) => id.digest()),
  };
  Decoder.demandCanonical(bytes, encodeBundleConfig(config), "config");
  return config;
}

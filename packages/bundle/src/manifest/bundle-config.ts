import type { TensorSpec } from "@slipway/spec";
import { type Datatype, datatypes } from "@slipway/spec/values";
import type { BundleLimits } from "../build/bundle-limits.ts";
import type { BundleFile, BundleManifest } from "./bundle-manifest.ts";
import { Decoder, damaged } from "./decode.ts";
import type { Digest } from "./digest.ts";
import { imageRoot, pathProblem } from "./file-path.ts";
import { layerLimit } from "./image-manifest.ts";

/** What the config blob holds: the manifest without what is not content, and the layers' digests. */
export type BundleConfig = Omit<BundleManifest, "digest" | "name" | "size"> & { readonly layers: readonly Digest[] };

const formatVersion = 1;

/** The one encoding of a config: an OCI image config of no platform, with the bundle's facts in a field of their own. */
export function encodeBundleConfig(config: BundleConfig): Buffer {
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });
  const { inputs, outputs } = config.signature;
  return Buffer.from(
    JSON.stringify({
      architecture: "unknown",
      os: "unknown",
      rootfs: { type: "layers", diff_ids: config.layers },
      slipway: {
        version: formatVersion,
        format: config.format,
        model: config.model,
        opsets: Object.fromEntries(Object.entries(config.opsets).toSorted(([a], [b]) => (a < b ? -1 : 1))),
        signature: { inputs: inputs.map(tensor), outputs: outputs.map(tensor) },
        samples: config.samples,
        files: config.files.map(({ path, digest, size }) => ({ path, digest, size })),
      },
    }),
  );
}

function decodeTensor(item: Decoder): TensorSpec {
  const datatype = item.get("datatype").is<Datatype>(...datatypes);
  const shape = item
    .get("shape")
    .list(64)
    .map((dimension) => (dimension.value === -1 ? -1 : dimension.size()));
  return { name: item.get("name").text(), datatype, shape };
}

function decodeFiles(list: Decoder, limits: BundleLimits): BundleFile[] {
  let total = 0;
  let before = "";
  return list.list(limits.files).map((item) => {
    const path = item.get("path").text();
    const inside = path.startsWith(`${imageRoot}/`) ? path.slice(imageRoot.length + 1) : "";
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
  const opsets = facts.get("opsets").value;
  if (typeof opsets !== "object" || opsets === null) throw damaged("config.slipway.opsets is not an object");
  const config: BundleConfig = {
    format: facts.get("format").is("onnx"),
    model: existing(facts.get("model")),
    opsets: Object.fromEntries(Object.keys(opsets).map((domain) => [domain, facts.get("opsets").get(domain).size()])),
    signature: {
      inputs: facts.get("signature").get("inputs").list(256).map(decodeTensor),
      outputs: facts.get("signature").get("outputs").list(256).map(decodeTensor),
    },
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

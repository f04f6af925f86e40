import { Readable } from "node:stream";
import { SlipwayError } from "@slipway/base";
import { type Architecture, architectures } from "./architecture.ts";
import { checkPrograms, type ProgramCheck } from "./check-programs.ts";
import { type DebianFiles, withFolders } from "./debian-files.ts";
import { FileTree } from "./file-tree.ts";
import { folderEntries } from "./folder-entries.ts";
import { composeImage, type Image, type ImageLayer, type ImageRun, imageTypes } from "./image.ts";
import { packLayer } from "./pack-layer.ts";
import { readTar } from "./read-tar.ts";
import type { TarEntry } from "./tar-archive.ts";

/** Where the parts of a runtime lie on this machine; each is for one architecture or for all. */
export interface RuntimeParts {
  /** The `node` program of the architecture. */
  readonly node: string;
  /** Its licence. */
  readonly nodeLicence: string;
  /** Folder of the published package: `lib/main.js` and what lies beside it. */
  readonly package: string;
  /** Folders of the native libraries that the package imports, by name. */
  readonly modules: Readonly<Record<string, string>>;
  readonly version: string;
}

/** The system below: files of Debian packages, or the layers of somebody's image. */
export type RuntimeBase = DebianFiles | Image;

/** What an image of ours runs before its arguments: no shell is needed, and none is there. */
export const runtimeCommand = ["/slipway/bin/node", "--disable-warning=ExperimentalWarning", "/slipway/lib/main.js"] as const;

/** The user of every image of ours, as in other images that run without root. */
const userId = 65532;

/** A runtime image and what was found out about its files. */
export interface RuntimeImage extends ProgramCheck {
  readonly image: Image;
}

/** Makes the runtime image of an architecture: what changes rarely lies below what changes often. */
export async function runtimeImage(architecture: Architecture, base: RuntimeBase, parts: RuntimeParts): Promise<RuntimeImage> {
  const tree = new FileTree();
  const below = "layers" in base ? await baseLayers(base, tree) : { layers: [], accounts: "", groups: "" };
  const system: TarEntry[] = [
    ...("layers" in base ? [] : base.entries),
    { path: "tmp/", mode: 0o1777 },
    text(
      "etc/passwd",
      withLine(below.accounts || "root:x:0:0:root:/:/sbin/nologin\n", `slipway:x:${userId}:${userId}:slipway:/tmp:/sbin/nologin`),
    ),
    text("etc/group", withLine(below.groups || "root:x:0:\n", `slipway:x:${userId}:`)),
  ];
  const files: readonly TarEntry[][] = [
    system,
    [
      ...(await folderEntries(parts.node.replace(/\/[^/]+$/, ""), "slipway/bin", (name) => name === "node")),
      { path: "slipway/licences/nodejs/LICENSE", mode: 0o644, content: Buffer.from(parts.nodeLicence) },
    ],
    await moduleEntries(architecture, parts.modules),
    await folderEntries(parts.package, "slipway", (name) => /^(lib\/|package\.json$|LICEN[SC]ES?)/.test(name)),
  ];
  const layers: ImageLayer[] = [...below.layers];
  for (const entries of files) {
    const complete = withFolders(entries);
    for (const entry of complete) tree.add(entry);
    layers.push(await packLayer(complete));
  }
  const image = composeImage(architecture, layers, runtimeRun(parts.version));
  return { image, ...checkPrograms(tree, architecture) };
}

/** What a container of a runtime image runs. */
function runtimeRun(version: string): ImageRun {
  return {
    entrypoint: runtimeCommand,
    user: `${userId}:${userId}`,
    env: ["PATH=/slipway/bin:/usr/bin:/bin", "NODE_ENV=production"],
    labels: { "org.opencontainers.image.title": "slipway", "org.opencontainers.image.version": version },
  };
}

function text(path: string, content: string): TarEntry {
  return { path, mode: 0o644, content: Buffer.from(content) };
}

function withLine(before: string, line: string): string {
  return `${before}${before.endsWith("\n") ? "" : "\n"}${line}\n`;
}

/** What the modules need at run time: no types, no maps, no tests, and of native files only this platform's. */
async function moduleEntries(architecture: Architecture, modules: RuntimeParts["modules"]): Promise<TarEntry[]> {
  const native = new RegExp(`^bin/[^/]+/linux/${architectures[architecture].node}/`);
  const entries: TarEntry[] = [];
  for (const [name, folder] of Object.entries(modules)) {
    const wanted = (path: string) =>
      path.startsWith("bin/")
        ? native.test(path)
        : /\.(c?js|json)$|^(LICEN[SC]E|ThirdParty)/i.test(path) && !/^(lib|script|test|node_modules)\//.test(path);
    entries.push(...(await folderEntries(folder, `slipway/node_modules/${name}`, wanted)));
  }
  return entries;
}

/** Reads somebody's layers into the tree: they are used as they are, but what lies in them is looked at like the rest. */
async function baseLayers(
  base: Image,
  tree: FileTree,
): Promise<{ layers: readonly ImageLayer[]; accounts: string; groups: string }> {
  let accounts = "";
  let groups = "";
  for (const { blob } of base.layers) {
    for await (const entry of readTar(await uncompressed(blob.mediaType, blob.open(0)))) {
      if (entry.type === "hardlink") tree.share(entry.path, entry.link.replace(/^\.?\//, ""));
      else
        tree.add({
          path: entry.path,
          ...(entry.type === "symlink" ? { link: entry.link } : {}),
          ...(entry.type === "file" && { content: entry.content }),
        });
      if (entry.path === "etc/passwd") accounts = entry.content.toString("utf8");
      if (entry.path === "etc/group") groups = entry.content.toString("utf8");
    }
  }
  return { layers: base.layers, accounts, groups };
}

async function uncompressed(mediaType: string, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  if (mediaType === imageTypes.tar) return bytes;
  const { createGunzip, createZstdDecompress } = await import("node:zlib");
  const stream = mediaType === imageTypes.gzip ? createGunzip() : createZstdDecompress();
  const input = Readable.from(bytes);
  input.on("error", (error) => stream.destroy(error));
  return input.pipe(stream).on("error", () => input.destroy());
}

/** Throws `invalid` when a program in the image could not run. */
export function demandRunnable({ image, problems }: RuntimeImage): void {
  if (problems.length === 0) return;
  throw new SlipwayError(
    "invalid",
    `The image for ${image.architecture} cannot run: ${problems.length} of its files do not fit.`,
    {
      problems: problems.slice(0, 20).map((message) => ({ path: image.architecture, message, reason: "FieldValueInvalid" })),
      hint: "Use another base: one with glibc, libstdc++ and libatomic that are new enough.",
    },
  );
}

import { join } from "node:path";
import { systemClock } from "@slipway/base";
import {
  type Architecture,
  allArchitectures,
  architectures,
  composeImage,
  composeRelease,
  debianFiles,
  packLayer,
  pushRelease,
  RegistryClient,
  referenceText,
  type TarEntry,
  withFolders,
} from "@slipway/bundle";
import { cacheFolder } from "../layout.ts";

/** An image for this machine's architecture. */
export interface TestImage {
  readonly name: string;
  readonly tag: string;
  readonly user: string;
  readonly entrypoint?: readonly string[];
  /** Debian packages whose files lie below. */
  readonly packages?: readonly string[];
  readonly files: readonly TarEntry[];
}

/** Makes an image and puts it into a registry over plain HTTP; gives its reference by digest. */
export async function pushImage(
  registry: string,
  { name, tag, user, entrypoint = [], packages = [], files }: TestImage,
): Promise<string> {
  const architecture = ownArchitecture();
  const below =
    packages.length === 0
      ? []
      : [(await debianFiles({ architecture, packages, cache: join(cacheFolder, "debian"), newest: false })).entries];
  // It does not go far: what matters is how long packing takes.
  const layers = await Promise.all([...below, withFolders(files)].map((entries) => packLayer(entries, { level: 1 })));
  const env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  const release = composeRelease([composeImage(architecture, layers, { user, entrypoint, env, labels: {} })]);
  const client = new RegistryClient({ clock: systemClock, insecure: [registry] });
  try {
    await pushRelease(client, { registry, name }, release, { tag });
  } finally {
    await client.close();
  }
  return referenceText({ registry, name, digest: release.document.digest });
}

function ownArchitecture(): Architecture {
  const found = allArchitectures.find((name) => architectures[name].node === process.arch);
  if (found === undefined) throw new Error(`no image can be made for ${process.arch}`);
  return found;
}

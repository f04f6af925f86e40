import { readFileSync } from "node:fs";
import { join } from "node:path";
import { binaryFolder } from "../binaries.ts";
import { registryHost } from "../layout.ts";
import { debianLayers } from "./debian-layers.ts";
import type { Image } from "./image.ts";
import { image, layer } from "./image.ts";
import { push } from "./push.ts";
import { tar } from "./tar.ts";

/** The tag that all the cluster's own images have. */
const tag = "test";

/** References of the images that every cluster has in its registry. */
export const clusterImages = {
  pause: `${registryHost}/pause:${tag}`,
  /** Debian's C and C++ libraries and busybox: enough for a shell, a web server, and programs linked against glibc. */
  base: `${registryHost}/base:${tag}`,
  coredns: `${registryHost}/coredns:${tag}`,
  metricsServer: `${registryHost}/metrics-server:${tag}`,
};

const busyboxNames = [
  "sh",
  "cat",
  "dd",
  "env",
  "head",
  "httpd",
  "id",
  "ls",
  "nc",
  "nslookup",
  "ps",
  "sleep",
  "tail",
  "wget",
  "yes",
];

/** Puts the images that pods of the cluster itself need into the registry: one static binary each. */
export async function pushClusterImages(): Promise<void> {
  await Promise.all([
    pushBinary("pause", "65535:65535"),
    pushBinary("coredns", "0:0"),
    pushBinary("metrics-server", "1000:1000"),
  ]);
}

/** Puts the base image into the registry. */
export async function pushBaseImage(): Promise<void> {
  const names = tar([
    { path: "tmp/", mode: 0o1777 },
    { path: "etc/", mode: 0o755 },
    {
      path: "etc/passwd",
      mode: 0o644,
      content: Buffer.from("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"),
    },
    { path: "etc/group", mode: 0o644, content: Buffer.from("root:x:0:\nnogroup:x:65534:\n") },
    ...busyboxNames.map((name) => ({ path: `bin/${name}`, mode: 0o777, link: "/bin/busybox" })),
  ]);
  const debian = await debianLayers(["libc6", "libgcc-s1", "libstdc++6", "busybox-static"]);
  await push(image([...debian, layer(names)], { user: "65534:65534" }), registryHost, "base", tag);
}

function pushBinary(name: string, user: string): Promise<string> {
  return push(binaryImage(name, user), registryHost, name, tag);
}

function binaryImage(name: string, user: string): Image {
  const content = readFileSync(join(binaryFolder, name));
  return image([layer(tar([{ path: name, mode: 0o755, content }]))], { entrypoint: [`/${name}`], user });
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { binaryFolder } from "../binaries.ts";
import { registryHost } from "../layout.ts";
import { pushImage } from "./push-image.ts";

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
  const text = (path: string, content: string) => ({ path, mode: 0o644, content: Buffer.from(content) });
  const files = [
    { path: "tmp/", mode: 0o1777 },
    text("etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"),
    text("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ...busyboxNames.map((name) => ({ path: `usr/bin/${name}`, mode: 0o777, link: "busybox" })),
  ];
  const packages = ["libc6", "libgcc-s1", "libstdc++6", "busybox-static"];
  await pushImage(registryHost, { name: "base", tag, user: "65534:65534", packages, files });
}

async function pushBinary(name: string, user: string): Promise<void> {
  const content = readFileSync(join(binaryFolder, name));
  await pushImage(registryHost, { name, tag, user, entrypoint: [`/${name}`], files: [{ path: name, mode: 0o755, content }] });
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "@slipway/kubernetes";
import { parse } from "yaml";
import { must } from "../../cluster/index.ts";
import { cacheFolder } from "../../cluster/layout.ts";

const version = "v1.4.0";

/** What the module of this version hashes to; another content under the same version is refused. */
const sum = "h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ=";

/** The module of the Gateway API, which is not part of a cluster. */
export const gatewayApiModule = `sigs.k8s.io/gateway-api@${version}`;

const cached = join(cacheFolder, `gateway-api-${version}.json`);

/** Why its kinds cannot be had on this machine, in one sentence; undefined when they can. */
export function gatewayApiMissing(): string | undefined {
  if (existsSync(cached) || spawnSync("go", ["version"], { stdio: "ignore" }).status === 0) return undefined;
  return "the kinds of the Gateway API must be fetched once, and there is no `go` on the PATH.";
}

/** The CustomResourceDefinitions of its standard channel, from its Go module if they are not in the cache. */
export async function gatewayApiKinds(): Promise<readonly KubernetesObject[]> {
  if (!existsSync(cached)) {
    const fetched = JSON.parse(await must("go", ["mod", "download", "-json", gatewayApiModule])) as { Dir: string; Sum: string };
    if (fetched.Sum !== sum) throw new Error(`${gatewayApiModule} is ${fetched.Sum}, and not ${sum}`);
    const folder = join(fetched.Dir, "config", "crd", "standard");
    const files = readdirSync(folder).filter((name) => name.startsWith("gateway.networking.k8s.io_"));
    const kinds = files.sort().map((name) => parse(readFileSync(join(folder, name), "utf8")));
    mkdirSync(cacheFolder, { recursive: true });
    const draft = `${cached}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(kinds));
    renameSync(draft, cached);
  }
  return JSON.parse(readFileSync(cached, "utf8")) as KubernetesObject[];
}

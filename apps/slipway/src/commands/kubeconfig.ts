import { readFile } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { parse } from "yaml";

/** What a client needs of a kubeconfig. */
export interface Cluster {
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

interface Kubeconfig {
  clusters?: { cluster?: { server?: unknown; "certificate-authority-data"?: unknown } }[];
  users?: { user?: { token?: unknown } }[];
}

/** Reads the kubeconfig that `slipway up` writes: one cluster, one user. */
export async function readKubeconfig(path: string): Promise<Cluster> {
  let config: Kubeconfig | null;
  try {
    config = parse(await readFile(path, "utf8")) as Kubeconfig | null;
  } catch (caught) {
    throw new SlipwayError("unavailable", `The kubeconfig ${path} cannot be read.`, {
      hint: "Start the platform again: `slipway down && slipway up --detach` writes it.",
      cause: caught,
    });
  }
  const cluster = config?.clusters?.[0]?.cluster;
  const ca = cluster?.["certificate-authority-data"];
  const token = config?.users?.[0]?.user?.token;
  if (typeof cluster?.server !== "string" || typeof ca !== "string" || typeof token !== "string") {
    throw new SlipwayError("unavailable", `The kubeconfig ${path} lacks a server, its CA or a token.`, {
      hint: "Start the platform again: `slipway down && slipway up --detach` writes it.",
    });
  }
  return { server: cluster.server.replace(/\/$/, ""), ca: Buffer.from(ca, "base64").toString("utf8"), token };
}

import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import { isDigest } from "../manifest/digest.ts";
import type { RemoteFile, RemoteModel } from "./remote-files.ts";
import type { SourceClient } from "./source-client.ts";
import type { SourceUri } from "./source-uri.ts";

/** A hub, and who the user is to it. */
export interface HubAccess {
  /** E.g. `https://huggingface.co`. */
  readonly endpoint: string;
  readonly token?: string;
}

const mostFiles = 10_000;

/** The files of a repository on a Hugging Face hub, at the commit that its revision names now. */
export async function hfFiles(
  client: SourceClient,
  { repository, revision, folder }: Extract<SourceUri, { scheme: "hf" }>,
  { endpoint, token }: HubAccess,
  signal: AbortSignal,
): Promise<RemoteModel> {
  const base = endpoint.replace(/\/$/, "");
  const authorize = async (): Promise<Record<string, string>> => (token ? { authorization: `Bearer ${token}` } : {});
  const what = `hf://${repository}@${revision}`;
  const url = new URL(`${base}/api/models/${repository}/revision/${revision}?blobs=true`);
  const fault = (wrong: string) =>
    new SlipwayError("invalid", `${url.host} says something else of ${what} than a hub does: ${wrong}.`);
  const root = new Decoder(await client.json(url, { what, authorize, signal }), "answer", fault);
  const commit = root.get("sha").text();
  if (!/^[0-9a-f]{40}$/.test(commit)) throw fault("it names no commit");
  const inside = folder === "" ? "" : `${folder}/`;
  const files = root
    .get("siblings")
    .list(mostFiles)
    .flatMap((item): RemoteFile[] => {
      const name = item.get("rfilename").text();
      // What git leaves is no content, as in a directory.
      if (!name.startsWith(inside) || /(^|\/)\.git[a-z]+$/.test(name)) return [];
      const digest = `sha256:${String(item.optional("lfs")?.optional("sha256")?.value)}`;
      const size = item.optional("size")?.size();
      const at = new URL(`${base}/${repository}/resolve/${commit}/${name.split("/").map(encodeURIComponent).join("/")}`);
      return [
        {
          path: name.slice(inside.length),
          ...(size === undefined ? {} : { size }),
          version: commit,
          ...(isDigest(digest) ? { digest } : {}),
          open: (from, abort) => client.download(at, from, "pinned", { what: `${what}/${name}`, authorize, signal: abort }),
        },
      ];
    });
  if (files.length === 0) throw new SlipwayError("notFound", `${what} has no files${folder && ` in ${folder}`}.`);
  return { address: what, revision: commit, files };
}

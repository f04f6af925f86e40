import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import type { RemoteFile, RemoteModel } from "./remote-files.ts";
import type { SourceClient } from "./source-client.ts";
import { parseSourceUri, type SourceUri } from "./source-uri.ts";

/** A tracking server of MLflow, and who the user is to it. */
export interface MlflowAccess {
  /** E.g. `https://mlflow.example.org`. */
  readonly endpoint: string;
  /** The value of an `Authorization` header. */
  readonly authorization?: string;
}

const mostFiles = 10_000;
const deepest = 16;

/** Where a registered model's version lies: files that the tracking server hands out, or an object store. */
export async function mlflowFiles(
  client: SourceClient,
  uri: Extract<SourceUri, { scheme: "mlflow" }>,
  { endpoint, authorization }: MlflowAccess,
  elsewhere: (uri: Extract<SourceUri, { scheme: "s3" }>) => Promise<RemoteModel>,
  signal: AbortSignal,
): Promise<RemoteModel> {
  const base = endpoint.replace(/\/$/, "");
  const authorize = async (): Promise<Record<string, string>> => (authorization === undefined ? {} : { authorization });
  const named = `mlflow:${uri.model}${uri.version === undefined ? `@${uri.alias}` : `/${uri.version}`}`;
  const ask = async (path: string, query: Readonly<Record<string, string>>) => {
    const url = new URL(`${base}/api/2.0/${path}?${new URLSearchParams(query)}`);
    const fault = (wrong: string) =>
      new SlipwayError("invalid", `${url.host} says something else of ${named} than MLflow does: ${wrong}.`);
    return new Decoder(await client.json(url, { what: named, authorize, signal }), "answer", fault);
  };
  const { model: name } = uri;
  const version =
    uri.version ??
    (await ask("mlflow/registered-models/alias", { name, alias: uri.alias ?? "" })).get("model_version").get("version").text();
  const location = (await ask("mlflow/model-versions/get-download-uri", { name, version })).get("artifact_uri").text();
  const address = `mlflow:${name}/${version}`;
  if (location.startsWith("s3://")) {
    const found = parseSourceUri(location);
    if (found.scheme === "s3") return { ...(await elsewhere(found)), address, revision: version };
  }
  const [, root] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(location) ?? [];
  if (root === undefined) {
    throw new SlipwayError(
      "invalid",
      `${named} lies at ${JSON.stringify(location.slice(0, 200))}, which is not fetched from there.`,
      {
        hint: "Run the tracking server with --serve-artifacts, or keep artifacts in S3.",
      },
    );
  }
  const files: RemoteFile[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    if (depth > deepest) throw new SlipwayError("tooLarge", `${named} has folders more than ${deepest} deep.`);
    const listed = await ask("mlflow-artifacts/artifacts", { path: `${root}${folder}` });
    for (const item of listed.optional("files")?.list(mostFiles) ?? []) {
      const path = `${folder}/${item.get("path").text()}`;
      if (item.optional("is_dir")?.value === true) await visit(path, depth + 1);
      else {
        if (files.length === mostFiles) throw new SlipwayError("tooLarge", `${named} has more than ${mostFiles} files.`);
        const at = new URL(
          `${base}/api/2.0/mlflow-artifacts/artifacts/${`${root}${path}`.split("/").map(encodeURIComponent).join("/")}`,
        );
        files.push({
          path: path.slice(1),
          // Nothing says whether a file is what it was, so it is fetched each time.
          open: (from, abort) => client.download(at, from, undefined, { what: `${named}${path}`, authorize, signal: abort }),
        });
      }
    }
  };
  await visit("", 0);
  if (files.length === 0) throw new SlipwayError("notFound", `${named} has no files.`);
  return { address, revision: version, files };
}

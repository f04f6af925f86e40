import { SlipwayError } from "@slipway/base";
import { type HubAccess, hfFiles } from "./hf-files.ts";
import { httpsFiles } from "./https-files.ts";
import { type MlflowAccess, mlflowFiles } from "./mlflow-files.ts";
import type { RemoteModel } from "./remote-files.ts";
import { type S3Access, s3Files } from "./s3-files.ts";
import type { SourceClient } from "./source-client.ts";
import type { SourceUri } from "./source-uri.ts";

/** Where sources are asked for, and who the user is to each. */
export interface SourceAccess {
  readonly client: SourceClient;
  readonly hub: HubAccess;
  readonly s3: S3Access;
  /** Absent when no tracking server is named. */
  readonly mlflow?: MlflowAccess;
}

/** A source whose files are fetched one by one. */
export type FileSource = Exclude<SourceUri, { scheme: "oci" | "file" }>;

/** What a source holds now. Throws a SlipwayError that names it. */
export async function listSource(uri: FileSource, access: SourceAccess, signal: AbortSignal): Promise<RemoteModel> {
  const { client, hub, s3, mlflow } = access;
  switch (uri.scheme) {
    case "https":
      return httpsFiles(client, uri.url, signal);
    case "s3":
      return s3Files(client, uri, s3, signal);
    case "hf":
      return hfFiles(client, uri, hub, signal);
    case "mlflow":
      if (mlflow === undefined) {
        throw new SlipwayError("invalid", "There is no tracking server of MLflow to ask.", {
          hint: "Name it in MLFLOW_TRACKING_URI, for example https://mlflow.example.org.",
        });
      }
      return mlflowFiles(client, uri, mlflow, (found) => s3Files(client, found, s3, signal), signal);
  }
}

/** What the content of a source is known by without reading it; undefined where some file says nothing of itself. */
export function sourceKey({ address, files }: RemoteModel): string | undefined {
  if (files.some(({ version }) => version === undefined)) return undefined;
  return JSON.stringify([address, files.map(({ path, size, version }) => [path, size, version]).sort()]);
}

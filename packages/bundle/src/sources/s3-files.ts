import { SlipwayError } from "@slipway/base";
import type { RemoteFile, RemoteModel } from "./remote-files.ts";
import type { SourceClient } from "./source-client.ts";
import type { SourceUri } from "./source-uri.ts";

/** An object store that speaks S3, and who the user is to it. */
export interface S3Access {
  readonly region: string;
  /** A store that is not Amazon's; its buckets are the first part of the path. */
  readonly endpoint?: string;
  /** Absent: public objects only. */
  readonly login?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

const mostFiles = 10_000;

/** The objects under a prefix, or the one object of that key. */
export async function s3Files(
  client: SourceClient,
  { bucket, prefix }: Extract<SourceUri, { scheme: "s3" }>,
  access: S3Access,
  signal: AbortSignal,
): Promise<RemoteModel> {
  const base = new URL(
    access.endpoint === undefined
      ? `https://${bucket}.s3.${access.region}.amazonaws.com/`
      : `${access.endpoint.replace(/\/$/, "")}/${bucket}/`,
  );
  const address = `s3://${bucket}/${prefix}`;
  const authorize = (url: URL) => signed(url, access);
  const files: RemoteFile[] = [];
  for (let more: string | undefined = ""; more !== undefined; ) {
    const query = { "list-type": "2", "encoding-type": "url", prefix, ...(more !== "" && { "continuation-token": more }) };
    const url = new URL(base);
    // A space is %20 in what is signed, and a plus would be read as one.
    url.search = Object.entries(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const answer = await client.text(url, { what: address, authorize, signal });
    if (!answer.includes("<ListBucketResult"))
      throw new SlipwayError("invalid", `${base.host} does not list ${address} as S3 does.`);
    for (const [, item = ""] of answer.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = decodeURIComponent((element(item, "Key") ?? "").replaceAll("+", " "));
      const path = pathOf(key, prefix);
      if (path === undefined) continue;
      if (files.length === mostFiles) throw new SlipwayError("tooLarge", `${address} has more than ${mostFiles} objects.`);
      const version = element(item, "ETag");
      const at = new URL(key.split("/").map(encodeURIComponent).join("/"), base);
      files.push({
        path,
        size: Number(element(item, "Size")),
        ...(version === undefined ? {} : { version }),
        open: (from, abort) => client.download(at, from, version, { what: `s3://${bucket}/${key}`, authorize, signal: abort }),
      });
    }
    more = element(answer, "IsTruncated") === "true" ? element(answer, "NextContinuationToken") : undefined;
  }
  if (files.length === 0) throw new SlipwayError("notFound", `${address} has no objects.`);
  return { address, files };
}

/** The path of an object below the prefix; undefined for a neighbour whose key only begins alike, and for the marker of a folder. */
function pathOf(key: string, prefix: string): string | undefined {
  if (key.endsWith("/")) return undefined;
  if (prefix === "") return key;
  if (key === prefix) return key.split("/").at(-1);
  return key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : undefined;
}

/** The text of an element that has no elements in it. */
function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", "#34": '"', "#39": "'" };
  return found?.replace(/&(lt|gt|quot|apos|amp|#34|#39);/g, (_, entity: string) => entities[entity]!);
}

async function signed(url: URL, { region, login }: S3Access): Promise<Record<string, string>> {
  if (login === undefined) return {};
  const { AwsV4Signer } = await import("aws4fetch");
  const { headers } = await new AwsV4Signer({ url: url.href, method: "GET", service: "s3", region, ...login }).sign();
  return Object.fromEntries([...headers].filter(([name]) => name !== "host"));
}

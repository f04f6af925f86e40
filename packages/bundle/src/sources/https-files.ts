import { SlipwayError } from "@slipway/base";
import type { RemoteModel } from "./remote-files.ts";
import { type SourceClient, strongTag } from "./source-client.ts";

const archives = /\.(tar|tgz|tar\.(gz|bz2|xz|zst)|zip|7z)$/i;

/** The one file behind a URL. Throws `invalid` for an archive, and for a URL that ends in no file name. */
export async function httpsFiles(client: SourceClient, url: URL, signal: AbortSignal): Promise<RemoteModel> {
  const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  if (name === "")
    throw new SlipwayError(
      "invalid",
      `${url.origin}${url.pathname} ends in no file name; a model's file has one, such as model.onnx.`,
    );
  if (archives.test(name)) {
    throw new SlipwayError("invalid", `${name} is an archive, and archives are not unpacked.`, {
      hint: "Name the model's file, unpack the archive and name the directory, or push a bundle and use oci://.",
    });
  }
  const what = `${url.origin}${url.pathname}`;
  // Some servers do not answer HEAD; then nothing says whether the file is what it was, and it is fetched each time.
  const head = await client.request(url, { method: "HEAD", what, signal, expect: [200, 400, 403, 405, 501] });
  await head.body.dump();
  const known = head.statusCode === 200;
  const version = known ? strongTag(head) : undefined;
  const size = known && /^\d+$/.test(String(head.headers["content-length"])) ? Number(head.headers["content-length"]) : undefined;
  return {
    address: what,
    files: [
      {
        path: name,
        ...(size === undefined ? {} : { size }),
        ...(version === undefined ? {} : { version }),
        open: (at, abort) => client.download(url, at, version, { what, signal: abort }),
      },
    ],
  };
}

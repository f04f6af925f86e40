import type { Blob, Image } from "./image.ts";

/** Puts an image into a registry over plain HTTP; gives the reference by digest. */
export async function push(image: Image, registry: string, repository: string, tag: string): Promise<string> {
  const base = `http://${registry}/v2/${repository}`;
  for (const blob of image.blobs) await pushBlob(base, blob);
  const { mediaType, bytes, digest } = image.manifest;
  await expect(201, `${base}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: new Uint8Array(bytes),
  });
  return `${registry}/${repository}@${digest}`;
}

async function pushBlob(base: string, { digest, bytes }: Blob): Promise<void> {
  const head = await fetch(`${base}/blobs/${digest}`, { method: "HEAD" });
  if (head.ok) return;
  const opened = await expect(202, `${base}/blobs/uploads/`, { method: "POST" });
  const location = new URL(opened.headers.get("location")!, base);
  location.searchParams.set("digest", digest);
  await expect(201, location, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  });
}

async function expect(status: number, url: string | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== status)
    throw new Error(`${init.method} ${url} gave ${response.status}, not ${status}: ${text.slice(0, 500)}`);
  return response;
}

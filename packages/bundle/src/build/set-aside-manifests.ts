import type { FoundFile } from "./scan-directory.ts";
import { readBuffer, readSourceFile } from "./source-file.ts";

const manifestLimit = 2 ** 20;

/** What of a directory is content. */
export interface Content {
  readonly files: readonly FoundFile[];
  /** Bytes of files that had to be read already: each is read once. */
  readonly known: ReadonlyMap<string, Buffer>;
}

/**
 * Leaves out Slipway's own manifests: YAML files at the top of the directory with an `apiVersion` of slipway.dev. They are desired state;
 * were they content, changing the number of replicas would make a new bundle and with it a new revision.
 */
export async function setAsideManifests(files: readonly FoundFile[], signal?: AbortSignal): Promise<Content> {
  const content: FoundFile[] = [];
  const known = new Map<string, Buffer>();
  for (const file of files) {
    if (!/^[^/]+\.ya?ml$/i.test(file.path) || file.size > manifestLimit) {
      content.push(file);
      continue;
    }
    const chunks: Buffer[] = [];
    await readSourceFile(file, readBuffer(), async (chunk) => void chunks.push(Buffer.from(chunk)), signal);
    const bytes = Buffer.concat(chunks);
    if (/^apiVersion:\s*["']?slipway\.dev\//m.test(bytes.toString("utf8"))) continue;
    content.push(file);
    known.set(file.path, bytes);
  }
  return { files: content, known };
}

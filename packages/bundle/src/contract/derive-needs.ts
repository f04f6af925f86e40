import type { Architecture } from "../image/architecture.ts";
import type { Bundle } from "../manifest/bundle.ts";
import type { ContractNeeds } from "./contract.ts";

/** `e_machine` of the ELF files that a bundle may bring. */
const machines: Readonly<Record<number, Architecture>> = { 62: "amd64", 183: "arm64" };
const headerBytes = 20;

/** What a bundle needs, as its own content tells, without running anything: operator sets, and the architecture of native code in it. */
export async function deriveNeeds(bundle: Bundle): Promise<ContractNeeds> {
  const { manifest } = bundle;
  const operatorSets = "opsets" in manifest ? manifest.opsets : undefined;
  const found = new Set<Architecture>();
  for (const { path, size } of manifest.files) {
    if (size < headerBytes || !/\.(so(\.[0-9.]+)?|node)$/.test(path)) continue;
    const architecture = await architectureOf(bundle, path);
    if (architecture !== undefined) found.add(architecture);
  }
  // Native code for both is for either.
  const [architecture, ...others] = found;
  return {
    ...(architecture === undefined || others.length > 0 ? {} : { architecture }),
    ...(operatorSets === undefined ? {} : { operatorSets }),
  };
}

async function architectureOf(bundle: Bundle, path: string): Promise<Architecture | undefined> {
  for await (const chunk of bundle.open(path)) {
    const head = Buffer.from(chunk.subarray(0, headerBytes));
    return head.length === headerBytes && head.readUInt32BE(0) === 0x7f454c46 ? machines[head.readUInt16LE(18)] : undefined;
  }
  return undefined;
}

import { SlipwayError } from "@slipway/base";
import { type Architecture, allArchitectures } from "../image/architecture.ts";
import { Decoder } from "../manifest/decode.ts";

/** What a bundle needs of where it runs; what is not there is not needed, or not known. */
export interface ContractNeeds {
  readonly architecture?: Architecture;
  /** As the system calls them, e.g. `avx2` or `asimddp`. */
  readonly cpuFeatures?: readonly string[];
  /** A GPU that a driver of this machine knows. */
  readonly gpu?: boolean;
  /** Operator set version by domain. */
  readonly operatorSets?: Readonly<Record<string, number>>;
  /** Versions of what runs it, at least, e.g. `onnxruntime` → `1.30.0`. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** Most memory that a replica was seen to use, bytes. */
  readonly memoryBytes?: number;
}

/** The environment contract of a bundle: what it needs, and the machine on which that was seen. */
export interface Contract {
  readonly needs: ContractNeeds;
  readonly seenOn: { readonly architecture: string; readonly cpuFeatures: readonly string[] };
}

/** What a place gives. What is not there is not known, and nothing is said about it. */
export interface Machine {
  readonly architecture?: string;
  readonly cpuFeatures?: readonly string[];
  readonly gpu?: boolean;
  readonly operatorSets?: Readonly<Record<string, number>>;
  readonly libraries?: Readonly<Record<string, string>>;
  /** Memory that a replica may use, bytes. */
  readonly memoryBytes?: number;
}

/** One line of a contract that a machine does not keep. */
export interface ContractDifference {
  /** E.g. `cpuFeatures`, `libraries.onnxruntime`. */
  readonly line: string;
  readonly needs: string;
  readonly has: string;
}

/** Characters of a contract that are read at most, as of `spec.source.contract`. */
export const contractLimit = 2 ** 14;
const most = 200;

/** The one form of a contract: keys in order, so the same contract is the same text. */
export function encodeContract({ needs, seenOn }: Contract): string {
  const sorted = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const { architecture, cpuFeatures, gpu, operatorSets, libraries, memoryBytes } = needs;
  return JSON.stringify({
    version: 1,
    needs: {
      architecture,
      cpuFeatures: cpuFeatures?.toSorted(),
      gpu,
      operatorSets: operatorSets && sorted(operatorSets),
      libraries: libraries && sorted(libraries),
      memoryBytes,
    },
    seenOn: { architecture: seenOn.architecture, cpuFeatures: seenOn.cpuFeatures.toSorted() },
  });
}

/** Reads what {@link encodeContract} wrote, and no line that this version cannot check; throws `invalid`. */
export function decodeContract(text: string): Contract {
  if (text.length > contractLimit) throw fault(`it has more than ${contractLimit} characters`);
  const root = Decoder.parse(Buffer.from(text), "contract", fault);
  root.get("version").is(1);
  const needs = root.get("needs");
  const words = (item: Decoder | undefined) => item?.list(most).map((each) => each.text());
  const record = <T>(item: Decoder | undefined, read: (value: Decoder) => T) => {
    if (item === undefined) return undefined;
    if (typeof item.value !== "object" || Array.isArray(item.value)) throw fault(`${item.place} is not an object`);
    return Object.fromEntries(Object.keys(item.value as object).map((key) => [key, read(item.get(key))]));
  };
  const gpu = needs.optional("gpu");
  if (gpu !== undefined && gpu.value !== true) throw fault(`${gpu.place} is not true`);
  const lines = {
    architecture: needs.optional("architecture")?.is(...allArchitectures),
    cpuFeatures: words(needs.optional("cpuFeatures")),
    gpu: gpu && true,
    operatorSets: record(needs.optional("operatorSets"), (value) => value.size()),
    libraries: record(needs.optional("libraries"), (value) => {
      if (!/^\d+(\.\d+){0,3}/.test(value.text())) throw fault(`${value.place} is not a version`);
      return value.text();
    }),
    memoryBytes: needs.optional("memoryBytes")?.size(),
  };
  const unknown = Object.keys(needs.value as object).find((key) => !Object.hasOwn(lines, key));
  // A line that cannot be checked must not count as kept.
  if (unknown !== undefined) throw fault(`this version of Slipway cannot check its line ${JSON.stringify(unknown)}`);
  const said = Object.fromEntries(Object.entries(lines).filter(([, value]) => value !== undefined)) as ContractNeeds;
  const seenOn = root.get("seenOn");
  return {
    needs: said,
    seenOn: { architecture: seenOn.get("architecture").text(), cpuFeatures: words(seenOn.get("cpuFeatures"))! },
  };
}

/** The lines of a contract that a machine does not keep. */
export function contractDifferences(needs: ContractNeeds, machine: Machine): ContractDifference[] {
  const found: ContractDifference[] = [];
  const differ = (line: string, wanted: string, has: string) => found.push({ line, needs: wanted, has });
  if (needs.architecture !== undefined && machine.architecture !== undefined && needs.architecture !== machine.architecture)
    differ("architecture", needs.architecture, machine.architecture);
  const { cpuFeatures } = machine;
  const missing = cpuFeatures === undefined ? [] : (needs.cpuFeatures ?? []).filter((feature) => !cpuFeatures.includes(feature));
  if (missing.length > 0) differ("cpuFeatures", needs.cpuFeatures!.join(" "), `none of ${missing.join(" ")}`);
  if (needs.gpu === true && machine.gpu === false) differ("gpu", "a GPU", "none");
  if (machine.operatorSets !== undefined)
    for (const [domain, version] of Object.entries(needs.operatorSets ?? {})) {
      const offered = machine.operatorSets[domain];
      if (offered !== undefined && offered < version) differ(`operatorSets.${domain}`, String(version), `at most ${offered}`);
    }
  if (machine.libraries !== undefined)
    for (const [name, version] of Object.entries(needs.libraries ?? {})) {
      const has = machine.libraries[name];
      if (has === undefined) differ(`libraries.${name}`, `${version} or later`, "none");
      else if (isOlder(has, version)) differ(`libraries.${name}`, `${version} or later`, has);
    }
  if (needs.memoryBytes !== undefined && machine.memoryBytes !== undefined && machine.memoryBytes < needs.memoryBytes)
    differ("memory", mebibytes(needs.memoryBytes), mebibytes(machine.memoryBytes));
  return found;
}

/** A difference in words: `memory: needs 300 MiB, has 256 MiB`. */
export function differenceText({ line, needs, has }: ContractDifference): string {
  return `${line}: needs ${needs}, has ${has}`;
}

/** Throws `invalid`, as a model that can never start here, with every line that differs. */
export function demandContract({ needs }: Contract, machine: Machine): void {
  const differences = contractDifferences(needs, machine);
  if (differences.length === 0) return;
  throw new SlipwayError("invalid", `What the bundle needs is not here: ${differences.map(differenceText).join("; ")}.`, {
    hint: "Run it where these lines are kept, or measure it anew with `slipway measure`.",
  });
}

function isOlder(has: string, wanted: string): boolean {
  const parts = (text: string) => (/^\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
  const [a, b] = [parts(has), parts(wanted)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) < (b[at] ?? 0);
  return false;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

function fault(what: string): SlipwayError {
  return new SlipwayError("invalid", `The contract of the bundle cannot be used: ${what}.`, {
    hint: "`slipway measure` makes it anew.",
  });
}

import type { Bundle } from "../manifest/bundle.ts";
import { readLicence } from "./licence.ts";
import type { LicenceChoice } from "./licence-choice.ts";

/** A library that a bundle has, as its own files say. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** https://github.com/package-url/purl-spec. */
  readonly purl: string;
  readonly licences: readonly LicenceChoice[];
  /** The directory whose files are this library's or its neighbours'. */
  readonly directory: string;
}

const metadataLimit = 2 ** 20;

/** The libraries in a bundle: what its Python environment (`*.dist-info`) and `node_modules` say of themselves, sorted. */
export async function installedPackages(bundle: Bundle): Promise<InstalledPackage[]> {
  const found: InstalledPackage[] = [];
  for (const { path, size } of bundle.manifest.files) {
    const python = /^(.*\/)[^/]+\.dist-info\/METADATA$/.exec(path);
    const node = python === null ? /^(.*\/node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.exec(path) : null;
    const directory = (python ?? node)?.[1];
    if (directory === undefined || size > metadataLimit) continue;
    const text = (await bundle.read(path, metadataLimit)).toString("utf8");
    const one = python !== null ? pythonPackage(text) : nodePackage(text);
    if (one !== undefined) found.push({ ...one, directory });
  }
  return found.sort((a, b) => (a.purl < b.purl ? -1 : a.purl > b.purl ? 1 : 0));
}

/** https://packaging.python.org/en/latest/specifications/core-metadata/. */
function pythonPackage(text: string): Omit<InstalledPackage, "directory"> | undefined {
  const [head = ""] = text.split(/\r?\n\r?\n/);
  const lines = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const all = (key: string) =>
    lines.filter((line) => line.toLowerCase().startsWith(`${key}:`)).map((line) => line.slice(key.length + 1).trim());
  const [name] = all("name");
  const [version] = all("version");
  if (name === undefined || version === undefined) return undefined;
  const [expression] = all("license-expression");
  const [free] = all("license");
  const classified = all("classifier")
    .filter((line) => line.startsWith("License ::") && !line.endsWith("OSI Approved"))
    .map((line) => line.split("::").at(-1)!.trim());
  const said = expression ?? (free !== undefined && free !== "" && free !== "UNKNOWN" && free.length < 100 ? free : undefined);
  const licences = (said === undefined ? classified : [said]).map((each) => readLicence(each));
  const normal = name.toLowerCase().replace(/[-_.]+/g, "-");
  return { name, version, purl: `pkg:pypi/${normal}@${encodeURIComponent(version)}`, licences };
}

function nodePackage(text: string): Omit<InstalledPackage, "directory"> | undefined {
  try {
    const { name, version, license } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== "string" || typeof version !== "string") return undefined;
    const [scope, ...rest] = name.split("/");
    const path = rest.length === 0 ? name : `${encodeURIComponent(scope!)}/${rest.join("/")}`;
    const licences = typeof license === "string" ? [readLicence(license)] : [];
    return { name, version, purl: `pkg:npm/${path}@${encodeURIComponent(version)}`, licences };
  } catch {
    return undefined;
  }
}

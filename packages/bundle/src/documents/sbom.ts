import { createHash } from "node:crypto";
import type { Bundle } from "../manifest/bundle.ts";
import { hexOf } from "../manifest/digest.ts";
import { imageRoot } from "../manifest/file-path.ts";
import { type InstalledPackage, installedPackages } from "./installed-packages.ts";
import { readLicence } from "./licence.ts";
import type { LicenceChoice } from "./licence-choice.ts";
import { licenceOfText } from "./licence-of-text.ts";
import { type ModelCard, readModelCard } from "./model-card.ts";
import type { Sbom, SbomComponent } from "./sbom-document.ts";

const cardLimit = 2 ** 20;

/**
 * What is in a bundle, as CycloneDX 1.6: the model with its card and data sheet, its files, and the libraries it brings. A function of the
 * bundle and of Slipway's version: it has no time of its own, so the same bundle has the same document everywhere.
 */
export async function sbom(bundle: Bundle, version: string): Promise<Sbom> {
  const { manifest } = bundle;
  const card = await cardOf(bundle);
  const packages = await installedPackages(bundle);
  const licence = await licenceOf(bundle, card);
  const brought = new Set(packages.map(({ directory }) => directory));
  const own = manifest.files.filter(({ path }) => ![...brought].some((directory) => path.startsWith(directory)));
  const ref = `model:${hexOf(bundle.digest)}`;
  const hash = (digest: string) => [{ alg: "SHA-256", content: digest.slice("sha256:".length) }];
  const datasets = (card?.datasets ?? []).map((name, at) => ({
    type: "data",
    "bom-ref": `dataset:${at}`,
    name,
    data: [{ type: "dataset", name, ...(card?.training === undefined ? {} : { description: card.training }) }],
  }));
  const model = {
    type: "machine-learning-model",
    "bom-ref": ref,
    name: manifest.name ?? "model",
    version: bundle.digest,
    ...(card?.description === undefined ? {} : { description: card.description }),
    hashes: hash(bundle.digest),
    ...(licence === undefined ? {} : { licenses: [licence] }),
    ...((card?.tags.length ?? 0) === 0 ? {} : { tags: card!.tags }),
    modelCard: modelCard(bundle, card, datasets),
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialOf(bundle.digest),
    version: 1,
    metadata: {
      tools: { components: [{ type: "application", name: "slipway", version }] },
      component: model,
    },
    components: [
      ...own.map(({ path, digest }) => ({ type: "file", "bom-ref": `file:${path}`, name: path, hashes: hash(digest) })),
      ...packages.map(library),
      ...datasets,
    ],
    dependencies: [{ ref, dependsOn: [...new Set(packages.map(({ purl }) => purl))] }],
  } as Sbom;
}

/** `licenses` of a component is either one expression or a list of licences, never both. */
function library(
  { name, version, purl, licences }: InstalledPackage,
  at: number,
  all: readonly InstalledPackage[],
): SbomComponent {
  const twin = all.findIndex((other) => other.purl === purl) !== at;
  const expression = licences.find((each) => "expression" in each);
  const licenses = expression === undefined ? licences : [expression];
  return {
    type: "library",
    "bom-ref": twin ? `${purl}#${at}` : purl,
    name,
    version,
    purl,
    ...(licenses.length === 0 ? {} : { licenses }),
  };
}

function modelCard({ manifest }: Bundle, card: ModelCard | undefined, datasets: readonly { "bom-ref": string }[]) {
  const { inputs, outputs } = ("signature" in manifest ? manifest.signature : undefined) ?? { inputs: [], outputs: [] };
  const tensors = (list: typeof inputs) =>
    list.map(({ name, datatype, shape }) => ({ format: `${name} ${datatype}[${shape.join(",")}]` }));
  const considerations = {
    ...(card?.users === undefined ? {} : { users: [card.users] }),
    ...(card?.uses === undefined ? {} : { useCases: [card.uses] }),
    ...(card?.limitations === undefined ? {} : { technicalLimitations: [card.limitations] }),
    ...(card?.ethics === undefined ? {} : { ethicalConsiderations: [{ name: card.ethics }] }),
  };
  const properties = {
    "slipway:format": manifest.format,
    "slipway:baseModel": card?.baseModels.join(", ") || undefined,
    "slipway:language": card?.languages.join(", ") || undefined,
    "slipway:library": card?.library,
    "slipway:trainingData": card?.training,
    "slipway:evaluation": card?.evaluation,
    "slipway:environment": card?.environment,
  };
  return {
    modelParameters: {
      ...(card?.task === undefined ? {} : { task: card.task }),
      ...(datasets.length === 0 ? {} : { datasets: datasets.map((each) => ({ ref: each["bom-ref"] })) }),
      inputs: tensors(inputs),
      outputs: tensors(outputs),
    },
    ...((card?.metrics.length ?? 0) === 0
      ? {}
      : {
          quantitativeAnalysis: {
            performanceMetrics: card!.metrics.map(({ type, value, dataset }) => ({
              type,
              value,
              ...(dataset === undefined ? {} : { slice: dataset }),
            })),
          },
        }),
    ...(Object.keys(considerations).length === 0 ? {} : { considerations }),
    properties: Object.entries(properties).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  };
}

async function cardOf(bundle: Bundle): Promise<ModelCard | undefined> {
  const text = await topFile(bundle, /^(readme|model_card|modelcard)\.md$/i);
  return text === undefined ? undefined : await readModelCard(text);
}

async function licenceOf(bundle: Bundle, card: ModelCard | undefined): Promise<LicenceChoice | undefined> {
  const said = card?.licence ?? card?.licenceName;
  if (said !== undefined) return readLicence(said, card?.licenceLink);
  const text = await topFile(bundle, /^(licen[cs]e|copying)(\.(md|txt))?$/i);
  if (text === undefined) return undefined;
  return readLicence(licenceOfText(text) ?? text.trim().split("\n")[0]!.trim());
}

/** A file for people at the top of the model directory. */
async function topFile(bundle: Bundle, name: RegExp): Promise<string | undefined> {
  const file = bundle.manifest.files.find(
    ({ path, size }) => path.startsWith(`${imageRoot}/`) && size <= cardLimit && name.test(path.slice(imageRoot.length + 1)),
  );
  return file === undefined ? undefined : (await bundle.read(file.path, cardLimit)).toString("utf8");
}

/** A UUID of version 8 (RFC 9562) from the digest: the same bundle, the same document, the same number. */
function serialOf(digest: string): string {
  const hex = createHash("sha256").update(`slipway sbom ${digest}`).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

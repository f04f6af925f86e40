/** What a model's README says of it, in the words of its author: the fields of a Hugging Face model card and its sections. */
export interface ModelCard {
  readonly licence?: string;
  readonly licenceName?: string;
  readonly licenceLink?: string;
  readonly task?: string;
  readonly library?: string;
  readonly baseModels: readonly string[];
  readonly tags: readonly string[];
  readonly languages: readonly string[];
  readonly datasets: readonly string[];
  readonly metrics: readonly { readonly type: string; readonly value: string; readonly dataset?: string }[];
  readonly description?: string;
  /** The data sheet: what the model was trained on and measured with. */
  readonly training?: string;
  readonly evaluation?: string;
  readonly users?: string;
  readonly uses?: string;
  readonly limitations?: string;
  readonly ethics?: string;
  readonly environment?: string;
}

/** Headings of model cards, https://huggingface.co/docs/hub/model-card-annotated, and what of a card each is. */
const sections: readonly [pattern: RegExp, field: keyof ModelCard][] = [
  [/out-of-scope|limitation|\bbias/i, "limitations"],
  [/ethic/i, "ethics"],
  [/environmental|carbon/i, "environment"],
  [/training (data|details|procedure)|^training$/i, "training"],
  [/evaluat|testing data/i, "evaluation"],
  [/intended users|^users$/i, "users"],
  [/intended use|direct use|downstream use|^uses?$/i, "uses"],
  [/model description|^description$|summary|^overview$/i, "description"],
];

/** A section of a card that is kept: its first characters. */
const longestSection = 4_000;

/**
 * Reads a model card: YAML between two lines of `---` at its start, then sections under headings. A card is for people, so what is not
 * understood is left out, never refused; YAML that cannot be read counts as none.
 */
export async function readModelCard(text: string): Promise<ModelCard> {
  const [, front = "", body = text] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n?([\s\S]*)$/.exec(text) ?? [];
  const facts = front === "" ? {} : await frontMatter(front);
  const said = readSections(body);
  const licence = texts(facts.license)[0];
  const optional = {
    licence: licence === "other" || licence === "unknown" ? undefined : licence,
    licenceName: texts(facts.license_name)[0],
    licenceLink: texts(facts.license_link)[0],
    task: texts(facts.pipeline_tag)[0],
    library: texts(facts.library_name)[0],
    ...said,
  };
  return {
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<ModelCard>),
    baseModels: texts(facts.base_model),
    tags: texts(facts.tags),
    languages: texts(facts.language),
    datasets: texts(facts.datasets),
    metrics: results(facts["model-index"]),
  };
}

async function frontMatter(text: string): Promise<Record<string, unknown>> {
  // Only a card with front matter needs a reader of YAML; a start of `slipway serve` never does.
  const { parseDocument } = await import("./yaml-reader.ts");
  try {
    const document = parseDocument(text, { maxAliasCount: 0, logLevel: "silent" } as never);
    const value: unknown = document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function readSections(body: string): Partial<Record<keyof ModelCard, string>> {
  const found: Partial<Record<keyof ModelCard, string>> = {};
  for (const part of body.split(/^#{1,6}[ \t]+/m).slice(1)) {
    const [heading = "", ...lines] = part.split("\n");
    const [, field] = sections.find(([pattern]) => pattern.test(heading.trim())) ?? [];
    const text = lines
      .join("\n")
      .replace(/<!--[\s\S]*?-->/g, "")
      .trim();
    if (field === undefined || text === "") continue;
    found[field] = `${found[field] === undefined ? "" : `${found[field]}\n\n`}${text}`.slice(0, longestSection);
  }
  return found;
}

/** The results of a `model-index`, as Papers with Code reads them. */
function results(index: unknown): ModelCard["metrics"] {
  const all = list(index).flatMap((model) => list(model.results));
  return all.flatMap((result) => {
    const dataset = isRecord(result.dataset) ? texts(result.dataset.name ?? result.dataset.type)[0] : undefined;
    return list(result.metrics).flatMap((metric) => {
      const type = texts(metric.name ?? metric.type)[0];
      const value = texts(metric.value)[0];
      return type === undefined || value === undefined ? [] : [{ type, value, ...(dataset === undefined ? {} : { dataset }) }];
    });
  });
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text, a number, or a list of them, as texts. */
function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value])
    .filter((each) => typeof each === "string" || typeof each === "number")
    .map((each) => String(each).slice(0, 500))
    .slice(0, 100);
}

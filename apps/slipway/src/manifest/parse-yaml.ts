import { SlipwayError } from "@slipway/base";
import { type Document, isAlias, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import type { LocatedProblem } from "../output/problem.ts";
import { locator, type ManifestDocument } from "./manifest-document.ts";

/** Most documents of one file. */
export const mostDocuments = 100;
/** Most aliases (`*name`) that one document may resolve to, so that a small file cannot grow to gigabytes. */
const mostAliases = 100;
/** Deepest nesting of lists and maps; a Model needs six. */
const deepest = 64;

/** Where a text came from. */
export interface TextSource {
  readonly text: string;
  readonly file: string;
  readonly directory: string;
}

/**
 * Reads YAML 1.2 (and so JSON), strictly: duplicate keys, tags that YAML itself does not define, merge keys, other YAML versions,
 * alias bombs and too many documents are refused. Empty documents are left out. Throws `invalid` with every problem and its place.
 */
export function parseYaml(source: TextSource): ManifestDocument[] {
  const lines = new LineCounter();
  const problems: LocatedProblem[] = [];
  const problem = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    problems.push({ path: "", message, reason: "FieldValueInvalid", file: source.file, line, column: col });
  };
  const documents: ManifestDocument[] = [];
  const parsed = parseAllDocuments(source.text, {
    version: "1.2",
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    resolveKnownTags: false,
    logLevel: "silent",
    prettyErrors: false,
    lineCounter: lines,
  }) as Document.Parsed[];

  if (parsed.length > mostDocuments) {
    problem(parsed[mostDocuments]?.range[0] ?? 0, `There are ${parsed.length} documents; one file may have ${mostDocuments}.`);
    throw refused(source.file, problems);
  }
  for (const document of parsed) {
    const before = problems.length;
    inspect(document, problem);
    if (problems.length > before || document.contents === null) continue;
    const value = toPlain(document, problem);
    if (value === null || value === undefined) continue;
    documents.push({
      file: source.file,
      directory: source.directory,
      value,
      source: document as Document,
      locate: locator(source.file, document.contents, lines),
    });
  }
  if (problems.length > 0) throw refused(source.file, problems);
  return documents;
}

function inspect(document: Document.Parsed, problem: (offset: number, message: string) => void): void {
  for (const error of document.errors) {
    problem(error.pos[0], error.code === "RESOURCE_EXHAUSTION" ? "The document is nested too deeply." : sentence(error.message));
  }
  for (const warning of document.warnings) {
    const tag = /^Unresolved tag: (.*)$/.exec(warning.message)?.[1];
    problem(
      warning.pos[0],
      tag === undefined
        ? sentence(warning.message)
        : `The tag ${tag} is refused: a manifest is plain data, and no tag can run or load anything.`,
    );
  }
  const { version, explicit } = document.directives.yaml;
  if (explicit && version !== "1.2") problem(document.range[0], `%YAML ${version} is refused: manifests are YAML 1.2.`);
  if (document.errors.length > 0) return;
  visit(document, (key, node, path) => {
    if (path.length > deepest * 2) {
      problem(offsetOf(node), `The document is nested more than ${deepest} levels deep.`);
      return visit.BREAK;
    }
    if (key === "key" && isScalar(node) && node.value === "<<")
      problem(offsetOf(node), "Merge keys (<<) are not part of YAML 1.2; write the fields out.");
    return undefined;
  });
}

function toPlain(document: Document.Parsed, problem: (offset: number, message: string) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (caught) {
    // The library throws a ReferenceError for alias bombs and for an alias without an anchor.
    if (!(caught instanceof ReferenceError)) throw caught;
    let first = document.range[0];
    visit(document, {
      Alias: (_, node) => {
        if (isAlias(node)) first = node.range?.[0] ?? first;
        return visit.BREAK;
      },
    });
    problem(
      first,
      `The aliases (*name) of this document resolve to more than ${mostAliases} copies, or to nothing; write the fields out.`,
    );
    return undefined;
  }
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function refused(file: string, problems: readonly LocatedProblem[]): SlipwayError {
  const name = file === "-" ? "Standard input" : file;
  return new SlipwayError("invalid", `${name} is not a manifest that can be read.`, { problems });
}

import { type FieldProblem, SlipwayError } from "@slipway/base";
import { parse } from "yaml";

/** What a model directory says about the Python packages it needs. */
export interface Dependencies {
  /** The file that says it; undefined when none does. */
  readonly file: string | undefined;
  /** `lock`: a `uv.lock`, which is exported as it is; `project`: a `pyproject.toml`; `requirements`: lines as pip takes them. */
  readonly kind: "lock" | "project" | "requirements";
  /** The lines of requirements; of the others the file's text. */
  readonly text: string;
  /** Which Python it needs, as a version specifier; undefined when nothing says it. */
  readonly python: string | undefined;
}

/** The files that {@link readDependencies} reads, if they are there. */
export const dependencyFiles = [
  "uv.lock",
  "requirements.txt",
  "pyproject.toml",
  "conda.yaml",
  "python_env.yaml",
  ".python-version",
] as const;

/** Texts of {@link dependencyFiles} by name. */
export type DependencyTexts = ReadonlyMap<string, string>;

/**
 * Which packages and which Python a model needs. The first of `uv.lock` (with its `pyproject.toml`), `requirements.txt`, `pyproject.toml` and
 * `conda.yaml` counts. Throws `invalid` for what would be fetched from elsewhere than the package index, or built here: repositories, addresses,
 * paths, packages of conda alone.
 */
export function readDependencies(texts: DependencyTexts): Dependencies {
  const python = pythonOf(texts);
  const lock = texts.get("uv.lock");
  if (lock !== undefined) {
    if (!texts.has("pyproject.toml"))
      throw refused([problem("uv.lock", "it is the lock of a pyproject.toml, which is not there")]);
    demandIndexOnly(
      "uv.lock",
      lock.split("\n"),
      /source = \{ (git|url|path|directory|editable)\b/,
      /\{ (editable|virtual) = "\." \}/,
    );
    return { file: "uv.lock", kind: "lock", text: lock, python };
  }
  const requirements = texts.get("requirements.txt");
  if (requirements !== undefined) {
    demandIndexOnly("requirements.txt", requirements.split("\n"), elsewhere);
    return { file: "requirements.txt", kind: "requirements", text: requirements, python };
  }
  const project = texts.get("pyproject.toml");
  if (project !== undefined) {
    demandIndexOnly("pyproject.toml", project.split("\n"), /@\s*(git\+|https?:|file:)|\b(git|url|path)\s*=\s*"/);
    return { file: "pyproject.toml", kind: "project", text: project, python };
  }
  const conda = texts.get("conda.yaml");
  if (conda !== undefined) return { file: "conda.yaml", kind: "requirements", text: condaPackages(conda), python };
  return { file: undefined, kind: "requirements", text: "", python };
}

/** Lines of pip that take code from elsewhere than an index. */
const elsewhere =
  /^\s*(-e|--editable|-r|--requirement|-c|--constraint)\b|^\s*(\.{0,2}\/|git\+|https?:|file:)|@\s*(git\+|hg\+|svn\+|bzr\+|https?:|file:)/;

function demandIndexOnly(file: string, lines: readonly string[], forbidden: RegExp, except?: RegExp): void {
  const problems = lines.flatMap((line, index) => {
    if (!forbidden.test(line) || except?.test(line) === true) return [];
    const what = `${JSON.stringify(line.trim().slice(0, 120))} takes code from elsewhere than the package index, or another file`;
    return [problem(`${file}:${index + 1}`, `${what}; name a released version`)];
  });
  if (problems.length > 0) throw refused(problems);
}

function pythonOf(texts: DependencyTexts): string | undefined {
  const pinned = texts
    .get(".python-version")
    ?.split("\n")
    .map((line) => line.trim())
    .find((line) => /^\d/.test(line));
  if (pinned !== undefined) return `==${pinned}`;
  const project = texts.get("pyproject.toml") ?? texts.get("uv.lock");
  const required = project === undefined ? undefined : /^requires-python\s*=\s*["']([^"']+)["']/m.exec(project)?.[1];
  if (required !== undefined) return required;
  const environment = texts.get("python_env.yaml");
  const ofEnvironment = environment === undefined ? undefined : /^python:\s*["']?([\d.]+)/m.exec(environment)?.[1];
  if (ofEnvironment !== undefined) return `==${ofEnvironment}`;
  const conda = texts.get("conda.yaml");
  return conda === undefined ? undefined : /^\s*-\s*["']?python\s*([=<>!~][^"'\n#]*)/m.exec(conda)?.[1]?.trim();
}

/** The pip part of a conda environment. What conda alone brings cannot be had from a package index, so it is refused by name. */
function condaPackages(text: string): string {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 10 });
  } catch (caught) {
    throw refused([problem("conda.yaml", `it is not YAML: ${(caught as Error).message.split("\n")[0]}`)]);
  }
  const listed = (document as { dependencies?: unknown } | null)?.dependencies;
  if (!Array.isArray(listed)) throw refused([problem("conda.yaml", "it has no list of dependencies")]);
  const lines: string[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, entry] of listed.entries()) {
    const place = `conda.yaml: dependencies[${index}]`;
    if (typeof entry === "string") {
      const name = /^[^\s=<>!~]*/.exec(entry)![0];
      if (!["python", "pip", "setuptools", "wheel"].includes(name)) {
        problems.push(
          problem(place, `${JSON.stringify(entry)} is a package of conda, which is not used here; list it under pip`),
        );
      }
    } else if (Array.isArray((entry as { pip?: unknown } | null)?.pip)) {
      lines.push(...(entry as { pip: unknown[] }).pip.map(String));
    } else problems.push(problem(place, "it is neither a package nor a list under pip"));
  }
  if (problems.length > 0) throw refused(problems);
  demandIndexOnly("conda.yaml: pip", lines, elsewhere);
  return `${lines.join("\n")}\n`;
}

function problem(path: string, message: string): FieldProblem {
  return { path, message, reason: "FieldValueInvalid" };
}

function refused(problems: readonly FieldProblem[]): SlipwayError {
  const [first] = problems;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return new SlipwayError("invalid", `The model's Python packages cannot be locked: ${first!.path}: ${first!.message}${more}.`, {
    problems,
    hint: "List released versions of packages of the index, as `scikit-learn==1.7.2`.",
  });
}

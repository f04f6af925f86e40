import type { FoundFile } from "../build/scan-directory.ts";
import type { FoundDirectory, PrepareTools, PythonEnvironment } from "../formats/model-format.ts";
import { environmentRoot } from "../manifest/file-path.ts";
import { chooseMinor } from "./choose-minor.ts";
import { findPython } from "./find-python.ts";
import { listEnvironment } from "./list-environment.ts";
import { lockPackages } from "./lock-packages.ts";
import { makeEnvironment } from "./make-environment.ts";
import { dependencyFiles, readDependencies } from "./read-dependencies.ts";
import { targetPlatform } from "./target-platform.ts";

const textLimit = 8 * 2 ** 20;

/** The environment of a model directory: locked, installed, and the list of its files. Throws `invalid` when the packages cannot be had. */
export async function preparePython(
  directory: FoundDirectory,
  { cache, work, signal }: PrepareTools,
  more: readonly string[] = [],
): Promise<{ readonly files: readonly FoundFile[]; readonly environment: PythonEnvironment }> {
  const texts = new Map<string, string>();
  for (const name of dependencyFiles) {
    if (directory.files.has(name)) texts.set(name, (await directory.read(name, textLimit)).toString("utf8"));
  }
  const dependencies = readDependencies(texts);
  // A library may come as another package, such as xgboost-cpu; whoever names one has chosen.
  const named = (name: string) => new RegExp(`^\\s*${name}\\b`, "im").test(dependencies.text);
  const needed = more.filter((name) => !named(name));
  const platform = targetPlatform();
  const python = await chooseMinor(dependencies.python);
  const { executable } = await findPython(python);
  const lock = await lockPackages({ dependencies, texts, more: needed, python, platform, cache, work, signal });
  const folder = await makeEnvironment({ lock, dependencies, python, platform, executable, cache, signal });
  return { files: await listEnvironment(folder), environment: { python, platform, lock: `${environmentRoot}/lock.txt` } };
}

import type { Detection, PythonHandler } from "../formats/model-format.ts";

/** A library whose models are served without code of their own: the form it is saved in, which runs nothing when it is loaded, and its packages. */
export interface PythonLibrary {
  readonly handler: PythonHandler;
  /** What its file is called, e.g. `model.skops`. */
  readonly file: string;
  readonly matches: RegExp;
  readonly packages: readonly string[];
}

/** Libraries, in the order in which a directory is asked. */
export const pythonLibraries: readonly PythonLibrary[] = [
  { handler: "sklearn", file: "model.skops", matches: /^[^/]+\.skops$/i, packages: ["scikit-learn", "skops"] },
  { handler: "xgboost", file: "model.ubj", matches: /^([^/]+\.ubj|model\.xgb\.json)$/i, packages: ["xgboost"] },
  { handler: "lightgbm", file: "model.lgb", matches: /^[^/]+\.(lgb|lgbm)$/i, packages: ["lightgbm"] },
];

/** Files that run code when they are loaded, whatever they seem to hold. */
const unsafe = /\.(pkl|pickle|joblib|dill|cloudpickle|pt|pth|bin\.pt)$/i;

/** The library that a model file belongs to; undefined for a handler of the user's own. */
export function libraryOf(main: string): PythonLibrary | undefined {
  return pythonLibraries.find(({ matches }) => matches.test(main));
}

/** By file names: a `model.py`, the one model file of a library, or why there is none of both. */
export function detectPython(paths: readonly string[]): Detection | undefined {
  if (paths.includes("model.py")) return { main: "model.py" };
  const known = paths.filter((path) => libraryOf(path) !== undefined);
  if (known.length === 1) return { main: known[0]! };
  if (known.length > 1) {
    const found = known.slice(0, 5).join(", ");
    return {
      problem: `it has ${known.length} model files (${found})`,
      hint: "Keep one of them, or write a model.py that uses them all.",
    };
  }
  const pickled = paths.find((path) => !path.includes("/") && unsafe.test(path));
  if (pickled === undefined) return undefined;
  return {
    problem: `${pickled} is of a kind that runs code when it is loaded, which is not served without a handler`,
    hint: "Save it in a form that does not: skops for scikit-learn (skops.io.dump), UBJSON for XGBoost (save_model), text for LightGBM (model.lgb), ONNX for PyTorch; or load it in a model.py of yours.",
  };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DependencyTexts, readDependencies } from "./read-dependencies.ts";

const read = (texts: Record<string, string>) => readDependencies(new Map(Object.entries(texts)) as DependencyTexts);

test("the first file that says it counts, and whatever says the version of Python", () => {
  assert.deepEqual(read({}), { file: undefined, kind: "requirements", text: "", python: undefined });
  assert.equal(read({ "requirements.txt": "a==1", "pyproject.toml": "", "conda.yaml": "" }).file, "requirements.txt");
  assert.equal(read({ "uv.lock": "", "requirements.txt": "a==1", "pyproject.toml": "" }).kind, "lock");
  assert.equal(read({ "pyproject.toml": 'requires-python = ">=3.10"\n' }).python, ">=3.10");
  assert.equal(
    read({ ".python-version": "# pinned\n3.12.4\n", "pyproject.toml": 'requires-python = ">=3.10"\n' }).python,
    "==3.12.4",
  );
  assert.equal(
    read({ "requirements.txt": "", "python_env.yaml": "python: 3.10.2\nbuild_dependencies: []\n" }).python,
    "==3.10.2",
  );
});

test("of a conda environment the pip part is taken", () => {
  const conda = "dependencies:\n- python=3.11.7\n- pip<=24\n- pip:\n  - mlflow==3.0\n  - numpy\n";
  assert.deepEqual(read({ "conda.yaml": conda }), {
    file: "conda.yaml",
    kind: "requirements",
    text: "mlflow==3.0\nnumpy\n",
    python: "=3.11.7",
  });
});

test("what comes from elsewhere than the index, or from conda alone, is refused with its line", () => {
  const refused: readonly (readonly [RegExp, Record<string, string>])[] = [
    [/requirements\.txt:2: "x @ git\+https:/, { "requirements.txt": "numpy\nx @ git+https://a/b\n" }],
    [/requirements\.txt:1: "-e \."/, { "requirements.txt": "-e .\n" }],
    [/requirements\.txt:1: "https:/, { "requirements.txt": "https://a/b.whl\n" }],
    [/requirements\.txt:1: "\.\/wheels/, { "requirements.txt": "./wheels/a.whl\n" }],
    [/requirements\.txt:1: "-r other\.txt"/, { "requirements.txt": "-r other.txt\n" }],
    [/pyproject\.toml:2/, { "pyproject.toml": '[tool.uv.sources]\na = { git = "https://a/b" }\n' }],
    [/uv\.lock:1/, { "uv.lock": 'source = { git = "https://a/b?rev=1" }\n', "pyproject.toml": "" }],
    [/lock of a pyproject\.toml, which is not there/, { "uv.lock": "" }],
    [
      /dependencies\[1\]: "cudatoolkit=11" is a package of conda/,
      { "conda.yaml": "dependencies:\n- python=3.11\n- cudatoolkit=11\n" },
    ],
    [/not YAML/, { "conda.yaml": "a: [" }],
    [/no list of dependencies/, { "conda.yaml": "a: 1" }],
  ];
  for (const [message, texts] of refused) assert.throws(() => read(texts), { code: "invalid", message });
});

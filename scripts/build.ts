// `npm run build [-- DIRECTORY]`: writes what is published, the one npm package `slipway`, into dist/ (or DIRECTORY). Our packages and
// the libraries they use become plain JavaScript: Node.js does not strip types inside node_modules, and a user runs exactly the
// libraries that were tested. Only what is native stays a dependency: ONNX Runtime and Node.js itself.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { builtinsUnwrapped } from "./build/builtins-unwrapped.ts";
import { licences } from "./build/licences.ts";

const root = join(import.meta.dirname, "..");
const out = resolve(root, process.argv[2] ?? "dist");
const app = join(root, "apps", "slipway");

/** Programs that are loaded by their file name; each must keep it: `main` is every process of the platform, the rest are its threads. */
const entries = {
  main: join(app, "src", "main.ts"),
  "onnx-worker": join(root, "packages", "serve", "src", "runners", "onnx", "onnx-worker.ts"),
  "llama-worker": join(root, "packages", "serve", "src", "runners", "llama", "worker", "llama-worker.ts"),
  "llama-template": join(root, "packages", "serve", "src", "runners", "llama", "worker", "llama-template.ts"),
};
const native = ["onnxruntime-node"];

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: entries,
  outdir: join(out, "lib"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  mainFields: ["module", "main"],
  target: "node26",
  external: native,
  plugins: [builtinsUnwrapped],
  // Libraries in CommonJS call `require` for modules of Node.js, which an ES module does not have.
  banner: { js: "const require = process.getBuiltinModule;" },
  keepNames: true,
  minifyWhitespace: true,
  lineLimit: 160,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
  absWorkingDir: root,
});

// What a Python model's process runs, beside the JavaScript that starts it.
const workerOfPython = join(root, "packages", "serve", "src", "runners", "python", "slipway_worker");
cpSync(workerOfPython, join(out, "lib", "slipway_worker"), { recursive: true, filter: (path) => !path.includes("__pycache__") });
mkdirSync(join(out, "bin"), { recursive: true });
copyFileSync(join(root, "bin", "slipway"), join(out, "bin", "slipway"));
copyFileSync(join(app, "README.md"), join(out, "README.md"));
for (const name of ["LICENSE", "docs", "examples/digits", "examples/python"])
  cpSync(join(root, name), join(out, name), { recursive: true });
writeFileSync(join(out, "LICENSES.txt"), licences(root, Object.keys(metafile.inputs)));
writeFileSync(join(out, "package.json"), `${JSON.stringify(publishedManifest(), undefined, 2)}\n`);

const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`build: ${Object.keys(metafile.outputs).length} files of JavaScript, ${Math.round(bytes / 1024)} KiB`);
console.log(`${out} is the package: \`npm pack ${out}\` makes the file that \`npm install -g FILE\` takes`);

function publishedManifest(): Record<string, unknown> {
  const top = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { version, dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  return {
    name: "slipway",
    version,
    description: top.description,
    license: top.license,
    type: "module",
    bin: { slipway: "bin/slipway" },
    dependencies: Object.fromEntries(native.map((name) => [name, dependencies[name]])),
    optionalDependencies: top.optionalDependencies,
  };
}

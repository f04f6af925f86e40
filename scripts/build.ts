// `npm run build`: makes what is published — JavaScript beside type declarations — in each workspace's dist/.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runSteps } from "./run.ts";

const root = join(import.meta.dirname, "..");
const folders = ["packages", "apps"].flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)));

for (const folder of folders) {
  rmSync(join(root, folder, "dist"), { recursive: true, force: true });
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: "src",
      outDir: "dist",
      noCheck: true,
    },
    include: ["src"],
    exclude: ["src/**/*.test.ts"],
  };
  const path = join(root, folder, "tsconfig.build.json");
  writeFileSync(path, JSON.stringify(config));
  try {
    runSteps([{ title: `build ${folder}`, command: ["tsc", "-p", path] }]);
  } finally {
    rmSync(path);
  }
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const exports = JSON.parse(
    JSON.stringify(manifest.exports ?? {})
      .replaceAll("./src/", "./dist/")
      .replaceAll('.ts"', '.js"'),
  );
  writeFileSync(join(root, folder, "dist", "package.json"), `${JSON.stringify({ type: "module", exports }, undefined, 2)}\n`);
  for (const data of ["generated"])
    if (existsSync(join(root, folder, "src", data)))
      cpSync(join(root, folder, "src", data), join(root, folder, "dist", data), { recursive: true });
}

import { relative } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Takes modules of Node.js without the namespace that an `import` makes of them. To make one, Node.js reads every property of the module,
 * and some of those load what they stand for when they are read: to import `createServer` from `node:http` is to load its whole `fetch`
 * (`WebSocket` is a property of it), 20 ms of every start.
 */
export const builtinsUnwrapped: Plugin = {
  name: "builtins-unwrapped",
  setup({ onResolve, onLoad, initialOptions }) {
    onResolve({ filter: /^node:/ }, ({ path, kind, importer }) => {
      if (kind !== "import-statement") return undefined;
      // A module for each importer, so that none becomes a file of its own that several share.
      return { path: `${path} ${relative(initialOptions.absWorkingDir!, importer)}`, namespace: "for", pluginData: path };
    });
    onLoad({ filter: /.*/, namespace: "for" }, ({ pluginData }) => {
      const module = pluginData as string;
      const names = Object.keys(process.getBuiltinModule(module)!).filter(
        (name) => name !== "default" && /^[A-Za-z_$][\w$]*$/.test(name),
      );
      // "Pure", so that what nobody imports is left out and not read.
      const exports = names.map(
        (name) => `const own_${name} = /* @__PURE__ */ (() => builtin.${name})();\nexport { own_${name} as ${name} };\n`,
      );
      return {
        contents: `const builtin = process.getBuiltinModule("${module}");\nexport default builtin;\n${exports.join("")}`,
        loader: "js",
      };
    });
  },
};

import type { Plugin } from "esbuild";

/**
 * Takes modules of Node.js without the namespace that an `import` makes of them. To make one, Node.js reads every property of the module,
 * and some of those load what they stand for when they are read: to import `createServer` from `node:http` is to load its whole `fetch`
 * (`WebSocket` is a property of it), 20 ms of every start.
 */
export const builtinsUnwrapped: Plugin = {
  name: "builtins-unwrapped",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter(
        (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default",
      );
      // "Pure", so that what nobody imports is left out and not read.
      const exports = names.map(
        (name) => `const own_${name} = /* @__PURE__ */ (() => builtin.${name})();\nexport { own_${name} as ${name} };`,
      );
      const contents = `const builtin = process.getBuiltinModule(${JSON.stringify(path)});\nexport default builtin;\n${exports.join("\n")}\n`;
      return { contents, loader: "js" };
    });
  },
};

// For `node --import`: when the process exits, writes as JSON what it has loaded to the file that LIST_LOADED names.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const files: string[] = [];
registerHooks({
  load(url, context, next) {
    files.push(url);
    return next(url, context);
  },
});
process.on("exit", () => {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  writeFileSync(process.env.LIST_LOADED!, JSON.stringify({ files, builtins: [...moduleLoadList] }));
});

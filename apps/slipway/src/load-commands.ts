import type { Command } from "commander";
import type { CliContext } from "./commands/context.ts";

/** Adds a command to the program. */
type AddCommand = (program: Command, context: CliContext) => void;

/** Every command by its name, in the order of the help: life of the platform, deploying, looking, operating, the rest. Each is a module that is loaded alone, with what only it needs. */
const modules: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import("./commands/up.ts")).addUp,
  down: async () => (await import("./commands/down.ts")).addDown,
  build: async () => (await import("./commands/build.ts")).addBuild,
  inspect: async () => (await import("./commands/inspect.ts")).addInspect,
  measure: async () => (await import("./commands/measure.ts")).addMeasure,
  sign: async () => (await import("./commands/sign.ts")).addSign,
  verify: async () => (await import("./commands/verify.ts")).addVerify,
  trust: async () => (await import("./commands/trust.ts")).addTrust,
  image: async () => (await import("./commands/image.ts")).addImage,
  push: async () => (await import("./commands/push.ts")).addPush,
  copy: async () => (await import("./commands/copy.ts")).addCopy,
  pull: async () => (await import("./commands/pull.ts")).addPull,
  "runtime-image": async () => (await import("./commands/runtime-image.ts")).addRuntimeImage,
  plan: async () => (await import("./commands/plan.ts")).addPlan,
  apply: async () => (await import("./commands/apply.ts")).addApply,
  diff: async () => (await import("./commands/diff.ts")).addDiff,
  get: async () => (await import("./commands/get.ts")).addGet,
  describe: async () => (await import("./commands/describe.ts")).addDescribe,
  delete: async () => (await import("./commands/delete.ts")).addDelete,
  predict: async () => (await import("./commands/predict.ts")).addPredict,
  logs: async () => (await import("./commands/logs.ts")).addLogs,
  events: async () => (await import("./commands/events.ts")).addEvents,
  scale: async () => (await import("./commands/scale.ts")).addScale,
  rollback: async () => (await import("./commands/rollback.ts")).addRollback,
  serve: async () => (await import("./commands/serve.ts")).addServe,
  install: async () => (await import("./commands/install.ts")).addInstall,
  uninstall: async () => (await import("./commands/uninstall.ts")).addUninstall,
  key: async () => (await import("./commands/key.ts")).addKey,
  export: async () => (await import("./commands/export.ts")).addExport,
  doctor: async () => (await import("./commands/doctor.ts")).addDoctor,
  completion: async () => (await import("./commands/completion.ts")).addCompletion,
  version: async () => (await import("./commands/version.ts")).addVersion,
};

/** Whose work is about all the others. */
const aboutAll = "completion";

/** What adds the command `word`; what adds all of them when there is no such command, or it must know all: what was meant is found among them, and the help lists them. */
export function loadCommands(word: string | undefined): Promise<AddCommand[]> {
  const alone = word !== undefined && word !== aboutAll && Object.hasOwn(modules, word) ? modules[word] : undefined;
  return Promise.all((alone === undefined ? Object.values(modules) : [alone]).map((load) => load()));
}

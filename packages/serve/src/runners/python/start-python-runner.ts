import { realpathSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { findPython, type PythonFacts, targetPlatform } from "@slipway/bundle";
import type { ModelSignature } from "@slipway/protocol";
import type { DimensionNames } from "../model-runner.ts";
import type { RunnerOptions, StartedRunner } from "../start-runner.ts";
import { type LoadedPython, type PythonTask, sharedFrom } from "./python-messages.ts";
import { type PythonCommand, PythonProcess } from "./python-process.ts";
import { PythonRunner } from "./python-runner.ts";
import { pythonSettings } from "./python-settings.ts";
import { sharedFolder } from "./shared-folder.ts";

/** Loads a Python model, each instance in a process of its own. Throws `invalid` when this machine is not what it was built for, or the model does not load or has no signature. */
export async function startPythonRunner(options: RunnerOptions<PythonFacts>): Promise<StartedRunner> {
  const { directory, model, maxOutputBytes, clock, log } = options;
  const { process: settings, batches, own } = pythonSettings(options.parameters, options.cpu);
  const command = await pythonCommand(directory, model, settings.threads);
  const folder = sharedFolder();
  const release = () => rmSync(folder, { recursive: true, force: true });
  const task: PythonTask = {
    entry: join(directory, model.entry),
    handler: model.handler ?? null,
    parameters: own,
    maxOutputBytes,
    shared: { folder, from: sharedFrom },
  };
  const load = async () => {
    const process = new PythonProcess(command, task, { clock, log });
    try {
      return { process, loaded: await process.load() };
    } catch (caught) {
      process.kill(SlipwayError.from(caught));
      await process.ended;
      throw caught;
    }
  };
  let processes: readonly PythonProcess[] = [];
  try {
    const all = await Promise.allSettled(Array.from({ length: settings.instances }, load));
    processes = all.flatMap((each) => (each.status === "fulfilled" ? [each.value.process] : []));
    const refused = all.find((each) => each.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    const { loaded } = (all[0] as PromiseFulfilledResult<Awaited<ReturnType<typeof load>>>).value;
    const signature = signatureOf(loaded, options);
    const start = async () => {
      const { process } = await load();
      process.use(signature);
      return process;
    };
    for (const process of processes) process.use(signature);
    const runner = new PythonRunner({
      signature,
      dimensions: dimensionsOf(loaded, signature),
      platform: model.handler ?? "python",
      processes,
      concurrency: loaded.async ? settings.concurrency : 1,
      timeoutMs: settings.timeoutMs,
      start,
      release,
      clock,
      log,
    });
    return { runner, batches };
  } catch (caught) {
    await Promise.all(processes.map((process) => process.close()));
    release();
    throw caught;
  }
}

/** The interpreter and where everything lies. An environment is for one version of Python on one platform: another would load other code, or none. */
async function pythonCommand(directory: string, model: PythonFacts, threads: number): Promise<PythonCommand> {
  const { python, platform, lock } = model.environment;
  const here = targetPlatform();
  if (here !== platform) {
    throw new SlipwayError("invalid", `The model's Python packages are for ${platform}, and this is ${here}.`, {
      hint: `Build the model on ${here}, or run it on ${platform}.`,
    });
  }
  const { executable } = await findPython(python);
  // Links are followed, so that what is compiled is kept beside the environment that bundles share.
  const environment = realpathSync(dirname(join(directory, lock)));
  const compiled = join(dirname(environment), "compiled");
  const keeps = statSync(compiled, { throwIfNoEntry: false })?.isDirectory() === true;
  return {
    executable,
    site: join(environment, "site"),
    directory: dirname(join(directory, model.entry)),
    compiled: keeps ? compiled : undefined,
    threads,
  };
}

/** Type hints say it best, being the model's own; else what the Model declares, else what samples show. */
function signatureOf(loaded: LoadedPython, { signature, model }: RunnerOptions<PythonFacts>): ModelSignature {
  const plain = ({ name, datatype, shape }: ModelSignature["inputs"][number]) => ({ name, datatype, shape });
  const hinted = loaded.signature;
  const found: ModelSignature | undefined =
    hinted === null ? (signature ?? model.signature) : { inputs: hinted.inputs.map(plain), outputs: hinted.outputs.map(plain) };
  if (found !== undefined) return found;
  throw new SlipwayError("invalid", "Nothing says which inputs and outputs the model has.", {
    hint: "Give predict type hints (a TypedDict of Annotated[NDArray[numpy.float32], (-1, 4)] for each side), put a sample with request and response into samples/, or set spec.signature.",
  });
}

function dimensionsOf({ signature }: LoadedPython, { inputs, outputs }: ModelSignature): DimensionNames {
  const names = (tensors: ModelSignature["inputs"], hinted: NonNullable<LoadedPython["signature"]>["inputs"] | undefined) =>
    tensors.map(({ shape }, index) => hinted?.[index]?.dimensions ?? shape.map(() => ""));
  return { inputs: names(inputs, signature?.inputs), outputs: names(outputs, signature?.outputs) };
}

import { type Log, SlipwayError } from "@slipway/base";
import { type InferRequest, type InferSample, type ModelSignature, parseInferSample, type Tensor } from "@slipway/protocol";
import { compareTensors, type Tolerance } from "./compare-tensors.ts";
import { zeroRequest } from "./zero-request.ts";

/** What warming up needs. */
export interface WarmUpOptions {
  readonly signature: ModelSignature;
  readonly run: (request: InferRequest) => Promise<readonly Tensor[]>;
  /** Golden samples of the bundle, in order. */
  readonly samples: AsyncIterable<{ readonly path: string; readonly text: Uint8Array }>;
  /** Compare with the recorded outputs; otherwise only run. */
  readonly verify: boolean;
  readonly tolerance: Tolerance;
  readonly log: Log;
}

/** As many requests of samples as a trial of batches takes. */
const keptRequests = 3;

/** Runs every golden sample, or zeros when there is none; returns the first requests of the samples. Throws `invalid` naming the sample, output, place and both values when the model's answer is not the recorded one. */
export async function warmUp(options: WarmUpOptions): Promise<readonly InferRequest[]> {
  let samples = 0;
  const requests: InferRequest[] = [];
  for await (const { path, text } of options.samples) {
    samples += 1;
    const sample = parse(path, text, options.signature);
    const outputs = await runSample(path, sample.request, options);
    if (requests.length < keptRequests) requests.push(sample.request);
    if (options.verify) compare(path, sample, outputs, options.tolerance);
  }
  if (samples === 0) await runZeros(options);
  else options.log.info("warmed up", { samples, verified: options.verify });
  return requests;
}

/** Zeros are our guess of an input, not the model's promise, so failing on them means nothing. */
async function runZeros({ signature, run, log }: WarmUpOptions): Promise<void> {
  try {
    await run(zeroRequest(signature));
    log.info("warmed up with zeros", { samples: 0 });
  } catch (error) {
    log.warn("the model does not take zeros; it starts cold", { error, hint: "put a sample into samples/" });
  }
}

function parse(path: string, text: Uint8Array, signature: ModelSignature): InferSample {
  try {
    return parseInferSample(text, signature);
  } catch (error) {
    throw about(path, error);
  }
}

async function runSample(path: string, request: InferRequest, options: WarmUpOptions): Promise<readonly Tensor[]> {
  try {
    return await options.run(request);
  } catch (error) {
    throw about(path, error);
  }
}

function compare(path: string, sample: InferSample, outputs: readonly Tensor[], tolerance: Tolerance): void {
  for (const recorded of sample.outputs ?? []) {
    const got = outputs.find((output) => output.name === recorded.name);
    const difference =
      got === undefined
        ? `output ${JSON.stringify(recorded.name)} is recorded but not requested`
        : compareTensors(recorded, got, tolerance);
    if (difference === undefined) continue;
    throw new SlipwayError("invalid", `The model does not answer sample ${JSON.stringify(path)} as recorded: ${difference}.`, {
      hint: "Record the sample again with this model, widen spec.samples.tolerance, or set spec.samples.verify to false.",
    });
  }
}

/** The same failure, told of a sample: trying again does not help. */
function about(path: string, caught: unknown): SlipwayError {
  const error = SlipwayError.from(caught);
  return new SlipwayError("invalid", `Sample ${JSON.stringify(path)}: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: caught,
  });
}

import { type FieldProblem, SlipwayError } from "@slipway/base";

const optimizations = ["disabled", "basic", "extended", "all"] as const;

const maxThreads = 256;

/** How an ONNX session is set up. */
export interface OnnxSettings {
  /** Threads inside one operator. */
  readonly intraOpThreads: number;
  readonly graphOptimization: (typeof optimizations)[number];
}

/** Every parameter of a model that the ONNX runner takes, with what it accepts. The documentation of parameters is checked against it. */
export const onnxParameters = {
  intraOpThreads: `a whole number from 1 to ${maxThreads}; default: the whole CPUs of the CPU limit, at least 1`,
  graphOptimization: `one of ${optimizations.join(", ")}; default: all`,
} as const;

/** Settings from a model's free-text parameters. `cpu` is the CPU limit in cores; without one a model gets one thread, so that replicas do not fight over cores. Throws `invalid` with every problem. */
export function onnxSettings(parameters: Readonly<Record<string, string>>, cpu: number | undefined): OnnxSettings {
  const problems: FieldProblem[] = [];
  const refuse = (name: string, message: string, reason: FieldProblem["reason"]) =>
    problems.push({ path: `spec.parameters.${name}`, message, reason });
  let intraOpThreads = Math.max(1, Math.floor(cpu ?? 1));
  let graphOptimization: OnnxSettings["graphOptimization"] = "all";
  for (const [name, value] of Object.entries(parameters)) {
    if (name === "intraOpThreads") {
      if (/^[1-9]\d{0,2}$/.test(value) && Number(value) <= maxThreads) intraOpThreads = Number(value);
      else refuse(name, `must be ${onnxParameters.intraOpThreads}; got ${JSON.stringify(value)}`, "FieldValueInvalid");
    } else if (name === "graphOptimization") {
      const known = optimizations.find((candidate) => candidate === value);
      if (known !== undefined) graphOptimization = known;
      else refuse(name, `must be ${onnxParameters.graphOptimization}; got ${JSON.stringify(value)}`, "FieldValueNotSupported");
    } else {
      refuse(name, "the ONNX runner has no such parameter", "FieldValueNotSupported");
    }
  }
  if (problems.length === 0) return { intraOpThreads, graphOptimization };
  throw new SlipwayError("invalid", "The model's parameters are not what the ONNX runner takes.", {
    problems,
    hint: `Allowed: ${Object.entries(onnxParameters)
      .map(([name, accepts]) => `${name} (${accepts})`)
      .join("; ")}.`,
  });
}

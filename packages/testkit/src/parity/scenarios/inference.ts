import type { GatewayStep, ParityScenario } from "../parity-scenario.ts";
import { answersAs, servesFirst } from "./steps.ts";

/** A request to a serving Model that must be refused with these very words. */
function wrong(name: string, title: string, request: unknown, answers: GatewayStep["answers"]): ParityScenario {
  const body = typeof request === "string" ? request : JSON.stringify(request);
  return { name, title, steps: [...servesFirst, { do: "infer", body, answers }, answersAs("v1", "first")] };
}

function input(over: object): object {
  return { inputs: [{ name: "image", datatype: "FP32", shape: [1, 64], data: Array(64).fill(0), ...over }] };
}

/** What the gateway answers. */
export const inferenceScenarios: readonly ParityScenario[] = [
  {
    name: "metadata",
    title: "A model describes its inputs, outputs and versions, and says that it is ready",
    steps: [
      ...servesFirst,
      {
        do: "infer",
        method: "GET",
        path: "{v2}",
        answers: {
          status: 200,
          body: {
            name: "{model}",
            versions: ["{first}"],
            platform: "onnxruntime_onnx",
            inputs: [{ name: "image", datatype: "FP32", shape: [-1, 64] }],
            outputs: [
              { name: "label", datatype: "INT64", shape: [-1] },
              { name: "probabilities", datatype: "FP32", shape: [-1, 10] },
            ],
          },
        },
      },
      { do: "infer", method: "GET", path: "{v2}/ready", answers: { status: 200 } },
      { do: "infer", method: "GET", path: "/v2/health/ready", answers: { status: 200 } },
    ],
  },
  {
    name: "unknown-model",
    title: "A model that is not there is answered with 404 by name",
    steps: [
      { do: "infer", answers: { status: 404, error: "{model}" } },
      { do: "infer", method: "GET", path: "{v2}", answers: { status: 404, error: "{model}" } },
      { do: "infer", method: "GET", path: "{v2}/ready", answers: { status: 404 } },
    ],
  },
  wrong("wrong-shape", "Data that does not fit its shape is refused with 400", input({ shape: [2, 64] }), {
    status: 400,
    error: "image",
  }),
  wrong("wrong-datatype", "A datatype that the model does not take is refused with 400", input({ datatype: "INT64" }), {
    status: 400,
    error: "image",
  }),
  wrong("wrong-name", "An input that the model does not have is refused with 400", input({ name: "pixels" }), {
    status: 400,
    error: "pixels|image",
  }),
  wrong("no-json", "A body that is no JSON is refused with 400", "{", { status: 400, error: "JSON" }),
  {
    name: "wrong-method",
    title: "A method that is not there is answered with 405",
    steps: [...servesFirst, { do: "infer", method: "GET", path: "{v2}/infer", answers: { status: 405 } }],
  },
];

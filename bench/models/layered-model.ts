import { type Operation, onnxFile, valuesTensor } from "../../e2e/harness/onnx-file.ts";

/** How a generated model spends its time. */
export interface Layers {
  readonly count: number;
  /** Columns of each weight matrix. */
  readonly width: number;
  /** Rows that one request multiplies with each weight matrix. 1: reading the weights is the cost, so a batch costs little more than one
   * request. Many: arithmetic is the cost, and a batch of n costs n times as much. */
  readonly rows: number;
}

const inputs = 64;
const classes = 10;

/** `x` FP32 [n,64] → `y` FP32 [n,10]: `count` times a matrix product and Tanh, which neither blow up nor amplify a rounding. All layers share one weight matrix, so the file stays small. */
export function layeredModel({ count, width, rows }: Layers): Buffer {
  const operations: Operation[] = [];
  let last = "x";
  const then = (type: string, constant?: string, constantFirst = false) => {
    const output = `t${operations.length}`;
    const from = constant === undefined ? [last] : constantFirst ? [constant, last] : [last, constant];
    operations.push({ type, inputs: from, outputs: [output] });
    last = output;
  };
  if (rows > 1) {
    // [n,64] → [n,1,64] → [n,rows,64]: every row of a request is different.
    then("Unsqueeze", "axis");
    then("MatMul", "spread", true);
  }
  then("MatMul", "first");
  then("Tanh");
  for (let layer = 0; layer < count; layer += 1) {
    then("MatMul", "weights");
    then("Tanh");
  }
  if (rows > 1) {
    then("MatMul", "gather", true);
    then("Squeeze", "axis");
  }
  then("MatMul", "last");
  operations.push({ type: "Softmax", inputs: [last], outputs: ["y"] });
  const many = [
    valuesTensor("axis", [1], BigInt64Array.of(1n)),
    valuesTensor("spread", [rows, 1], uniform(rows, 1)),
    valuesTensor("gather", [1, rows], uniform(rows, 1 / rows)),
  ];
  return onnxFile({
    inputs: [{ name: "x", type: "FP32", shape: [-1, inputs] }],
    outputs: [{ name: "y", type: "FP32", shape: [-1, classes] }],
    operations,
    initializers: [
      ...(rows > 1 ? many : []),
      valuesTensor("first", [inputs, width], uniform(inputs * width, 1 / Math.sqrt(inputs))),
      ...(count > 0 ? [valuesTensor("weights", [width, width], uniform(width * width, 1 / Math.sqrt(width)))] : []),
      valuesTensor("last", [width, classes], uniform(width * classes, 1 / Math.sqrt(width))),
    ],
  });
}

/** `x` FP32 [n,3,224,224] → `y`: the same tensor, or its three channel means. */
export function imageModel(answer: "identity" | "means"): Buffer {
  const shape = [-1, 3, 224, 224];
  return onnxFile({
    inputs: [{ name: "x", type: "FP32", shape }],
    outputs: [{ name: "y", type: "FP32", shape: answer === "identity" ? shape : [-1, 3, 1, 1] }],
    operations: [{ type: answer === "identity" ? "Identity" : "GlobalAveragePool", inputs: ["x"], outputs: ["y"] }],
  });
}

/** Values evenly spread between -size·√3 and size·√3, whose standard deviation is `size`; always the same. */
function uniform(count: number, size: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state / 0x40000000 - 1) * size * Math.sqrt(3);
  });
}

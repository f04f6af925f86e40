/** Versions of the digits model, by their answers. */
export type GoldenVersion = "v1" | "v2";

/** Two handwritten digits that neither version has seen; the second one is read differently by the two. */
export const goldenRequest = {
  inputs: [
    {
      name: "image",
      datatype: "FP32",
      shape: [2, 64],
      data: [
        0, 0, 4, 12, 13, 3, 0, 0, 0, 0, 7, 14, 16, 9, 0, 0, 0, 0, 0, 12, 16, 8, 0, 0, 0, 0, 0, 6, 16, 6, 0, 0, 0, 0, 0, 9, 16, 6,
        0, 0, 0, 0, 0, 12, 16, 3, 0, 0, 0, 0, 0, 13, 16, 3, 0, 0, 0, 0, 0, 15, 16, 11, 0, 0, 0, 0, 1, 8, 14, 14, 2, 0, 0, 1, 13,
        16, 16, 16, 5, 0, 0, 7, 16, 10, 10, 16, 4, 0, 0, 3, 16, 14, 15, 12, 0, 0, 0, 0, 3, 12, 16, 10, 0, 0, 0, 0, 0, 9, 16, 16,
        3, 0, 0, 0, 0, 15, 16, 16, 4, 0, 0, 0, 0, 11, 16, 12, 2, 0,
      ],
    },
  ],
};

/** What each version answers, as ONNX Runtime in Python does. */
const goldenAnswers = {
  v1: {
    label: [1, 1],
    probabilities: [
      0.00000905, 0.85303873, 0.05353804, 0.04110996, 0.00095298, 0.00046102, 0.00063193, 0.0203337, 0.02854013, 0.0013844,
      0.00047577, 0.56825066, 0.0078595, 0.02703534, 0.00327247, 0.01132978, 0.00240964, 0.0083967, 0.28266972, 0.08830041,
    ],
  },
  v2: {
    label: [1, 8],
    probabilities: [
      9e-8, 0.95079601, 0.03562939, 0.01219237, 0.00000185, 4.3e-7, 1.1e-7, 0.00114842, 0.00022818, 0.00000314, 5e-7, 0.16381858,
      0.00000182, 0.00048179, 0.00000192, 0.00002529, 2.4e-7, 0.00000255, 0.81328738, 0.02237997,
    ],
  },
} as const;

const tolerance = 1e-5;

/** What is wrong with an answer to {@link goldenRequest}, or undefined: the same classes, probabilities within 1e-5. */
export function wrongGolden(body: unknown, version: GoldenVersion): string | undefined {
  const outputs = (body as { outputs?: { name: string; data: number[] }[] }).outputs ?? [];
  for (const [name, expected] of Object.entries(goldenAnswers[version])) {
    const data = outputs.find((output) => output.name === name)?.data ?? [];
    const same = data.length === expected.length && data.every((value, at) => Math.abs(value - expected[at]!) <= tolerance);
    if (!same) return `${name} is not what ${version} answers: ${JSON.stringify(data)}`;
  }
  return undefined;
}

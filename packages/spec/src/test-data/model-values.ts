import fc from "fast-check";

const hex = (length: number) => fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const tensor = fc.record({
  name: fc.string({ minLength: 1, maxLength: 20 }),
  datatype: fc.constantFrom("BOOL", "FP32", "INT64", "BYTES"),
  shape: fc.array(fc.integer({ min: -1, max: 1000 }), { maxLength: 4 }),
});
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 4 });

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const digestOf = hex(64).map((digits) => `sha256:${digits}`);

const secrets = fc.uniqueArray(
  fc.record(
    { name: word, key: word, env: fc.stringMatching(/^[A-Z]{1,3}_[A-Z]{1,5}$/).map((text) => `MY_${text}`) },
    { requiredKeys: ["name", "env"] },
  ),
  { selector: ({ env }) => env, maxLength: 3 },
);
const placement = fc.record(
  {
    nodeSelector: fc.dictionary(word, word, { maxKeys: 2 }),
    tolerations: fc.array(fc.record({ key: word, operator: fc.constantFrom("Equal", "Exists") }), { maxLength: 2 }),
    spread: fc.constantFrom(["zone"], ["node"], ["zone", "node"], ["node", "zone"]),
    priorityClassName: word,
    imagePullSecrets: fc.uniqueArray(word, { maxLength: 2 }),
    architecture: fc.constantFrom("amd64", "arm64"),
  },
  { requiredKeys: [] },
);

/** For tests: values that make a revision. */
export const revisionMakingFields = fc.record({
  source: fc.record(
    { bundle: digestOf, image: fc.tuple(word, digestOf).map(([name, digest]) => `registry.example/${name}@${digest}`) },
    { requiredKeys: ["bundle"] },
  ),
  parameters: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 10 }).filter((key) => key !== "__proto__"),
    fc.string(),
    { maxKeys: 5 },
  ),
  signature: optional(fc.record({ inputs: tensors, outputs: tensors })),
  resources: fc.record(
    {
      cpu: fc.oneof(
        fc.integer({ min: 1, max: 64_000 }).map((milli) => `${milli}m`),
        fc.integer({ min: 1, max: 64 }),
      ),
      memory: fc.integer({ min: 1, max: 1 << 20 }).map((mebibytes) => `${mebibytes}Mi`),
      gpu: fc.record({ name: word.map((name) => `${name}.com/gpu`), count: fc.integer({ min: 1, max: 8 }) }),
    },
    { requiredKeys: [] },
  ),
  secrets: optional(secrets),
  placement: optional(placement),
});

/** For tests: values that take effect without a new revision. */
export const otherFields = fc
  .record({
    minReplicas: fc.integer({ min: 1, max: 1000 }),
    more: fc.nat(50),
    withMax: fc.boolean(),
    replicas: optional(fc.integer({ min: 1, max: 10 })),
    split: optional(fc.tuple(hex(10), hex(10), fc.nat(100)).filter(([a, b]) => a !== b)),
    samples: fc.record({ verify: fc.boolean(), tolerance: fc.record({ absolute: fc.double({ min: 0, max: 1, noNaN: true }) }) }),
    ports: optional(fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 })),
  })
  .map(({ minReplicas, more, withMax, replicas, split, samples, ports }) => {
    const maxReplicas = Math.min(1000, minReplicas + more);
    return {
      scaling: { minReplicas, ...(withMax ? { maxReplicas } : {}) },
      ...(replicas === undefined ? {} : { replicas: Math.min(replicas, withMax ? maxReplicas : 10) }),
      ...(split === undefined
        ? {}
        : {
            traffic: [
              { revision: `digits-${split[0]}`, percent: split[2] },
              { revision: `digits-${split[1]}`, percent: `${100 - split[2]}%` },
            ],
          }),
      samples,
      ...(ports === undefined ? {} : { network: { egress: [{ cidr: "10.0.0.0/8", ports }] } }),
    };
  });

/** For tests: a Model called digits with these fields. */
export function modelWith(...specs: Record<string, unknown>[]): Record<string, unknown> {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name: "digits" },
    spec: Object.assign({}, ...specs),
  };
}

/** For tests: any good Model, as a client may send it. */
export const modelValues = fc.tuple(revisionMakingFields, otherFields).map((specs) => modelWith(...specs));

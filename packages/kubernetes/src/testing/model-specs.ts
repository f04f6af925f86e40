import fc from "fast-check";
import { image } from "./resources.ts";

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const variable = fc.stringMatching(/^MY_[A-Z]{1,3}$/);
const file = fc
  .tuple(fc.constantFrom("/run/secrets", "/run/secrets/deep", "/var/lib/model"), word)
  .map(([directory, name]) => `${directory}/${name}1`);

/** Entries of `spec.secrets` that give each variable and file once, and no file as a directory of another. */
const secrets = fc.uniqueArray(
  fc.oneof(
    fc.record({ name: word, key: word, env: variable }, { requiredKeys: ["name", "env"] }),
    fc.record({ name: word, key: word, file }, { requiredKeys: ["name", "file"] }),
  ),
  { selector: (entry) => ("env" in entry ? entry.env : entry.file), maxLength: 6 },
);

const placement = fc.record(
  {
    nodeSelector: fc.dictionary(word, word, { maxKeys: 3 }),
    tolerations: fc.array(
      fc.record({ key: word, operator: fc.constantFrom("Exists", "Equal"), effect: fc.constantFrom("NoSchedule", "NoExecute") }),
      { maxLength: 3 },
    ),
    spread: fc.constantFrom(["zone"], ["node"], ["zone", "node"]),
    priorityClassName: word,
    imagePullSecrets: fc.uniqueArray(word, { maxLength: 3 }),
    architecture: fc.constantFrom("amd64", "arm64"),
  },
  { requiredKeys: [] },
);

const egress = fc.array(
  fc.record({
    cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/8", "169.254.0.0/16", "::/0", "fd00:ec2::/32", "192.0.2.7/32"),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 }),
    protocol: fc.constantFrom("TCP", "UDP"),
  }),
  { maxLength: 4 },
);

/** For tests: specs of Models that a cluster can run, with every field that has a part in what is rendered. */
export const modelSpecs = fc.record(
  {
    source: fc.constant({ bundle: `sha256:${"0".repeat(64)}`, image }),
    parameters: fc.dictionary(word, fc.string({ maxLength: 8 }), { maxKeys: 3 }),
    resources: fc.record(
      {
        cpu: fc.constantFrom("500m", "2", "0.5"),
        memory: fc.constantFrom("256Mi", "1Gi"),
        gpu: fc.record({ name: fc.constantFrom("nvidia.com/gpu", "amd.com/gpu"), count: fc.integer({ min: 1, max: 8 }) }),
      },
      { requiredKeys: [] },
    ),
    secrets,
    placement,
    network: fc.record({ egress }),
  },
  { requiredKeys: ["source"] },
);

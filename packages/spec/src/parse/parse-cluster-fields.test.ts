import assert from "node:assert/strict";
import { test } from "node:test";
import { smallModel } from "../test-data/full-resources.ts";
import { parse } from "./parse.ts";

/** `path: message` of every problem. */
function problems(spec: Record<string, unknown>): string[] {
  const parsed = parse("Model", smallModel(spec), { source: "api" });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

const hex = "0123456789abcdef".repeat(4);
const digest = `sha256:${hex}`;
const img = (image: unknown) => ({ source: { bundle: digest, image } });
const gpu = (value: unknown) => ({ resources: { gpu: value } });
const met = (...metrics: unknown[]) => ({ resources: { cpu: "1" }, scaling: { metrics } });
const pl = (placement: unknown) => ({ placement });
const tol = (toleration: unknown) => pl({ tolerations: [toleration] });
const sec = (...secrets: unknown[]) => ({ secrets });
const eg = (...egress: unknown[]) => ({ network: { egress } });

const good: [what: string, spec: Record<string, unknown>][] = [
  ["an image with registry and port", img(`registry.example:5000/team/digits@${digest}`)],
  ["an image with a name alone", img(`digits@${digest}`)],
  ["a GPU", gpu({ name: "nvidia.com/gpu", count: 8 })],
  ["a slice of a GPU by its name", gpu({ name: "nvidia.com/mig-1g.5gb", count: 1 })],
  ["the highest target", met({ type: "cpu", target: 90 })],
  ["a toleration of every taint", tol({ operator: "Exists" })],
  ["a toleration of an empty value", tol({ key: "a", value: "" })],
  ["an empty placement", pl({})],
  ["one Secret's keys apart", sec({ name: "a", key: "x", env: "A" }, { name: "a", key: "y", env: "B" })],
  [
    "one value as a variable and as a file",
    sec({ name: "a", key: "x", env: "A" }, { name: "a", key: "x", file: "/run/secrets/x" }),
  ],
  [
    "files in one directory and in another in it",
    sec({ name: "a", file: "/run/a/b" }, { name: "a", file: "/run/a/c/d" }, { name: "a", file: "/run/a/.e" }),
  ],
  ["a variable that only looks like ours", sec({ name: "a", env: "MY_NODE_OPTIONS" })],
  ["no egress", eg()],
  ["egress to everywhere", eg({ cidr: "0.0.0.0/0", ports: [443] }, { cidr: "::/0", ports: [443], protocol: "UDP" })],
  [
    "null for not set",
    { secrets: null, placement: null, network: { egress: null }, scaling: { metrics: null }, resources: { gpu: null } },
  ],
];

for (const [what, spec] of good) {
  test(`parse() takes ${what}`, () => assert.deepEqual(problems(spec), []));
}

const bad: [what: string, spec: Record<string, unknown>, problems: string[]][] = [
  [
    "an image by tag",
    img("registry.example/digits:1"),
    [
      'spec.source.image: expected REPOSITORY@sha256: and 64 lower-case hexadecimal digits, without a tag: it could name another image tomorrow; found the text "registry.example/digits:1"',
    ],
  ],
  [
    "an image with tag and digest",
    img(`registry.example/digits:1@${digest}`),
    [
      `spec.source.image: expected REPOSITORY@sha256: and 64 lower-case hexadecimal digits, without a tag: it could name another image tomorrow; found the text "registry.example/digits:1@sha256:${hex}"`,
    ],
  ],
  [
    "an image that is a digest only",
    img(digest),
    [
      `spec.source.image: expected REPOSITORY@sha256: and 64 lower-case hexadecimal digits, without a tag: it could name another image tomorrow; found the text "sha256:${hex}"`,
    ],
  ],
  [
    "an image with a scheme",
    img(`https://registry.example/digits@${digest}`),
    [
      'spec.source.image: expected REPOSITORY@sha256: and 64 lower-case hexadecimal digits, without a tag: it could name another image tomorrow; found the text "https://registry.example/digits@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc…"',
    ],
  ],
  ["an image that is a number", img(3), ['spec.source.image: expected text, found the number 3; put it in quotes: "3"']],
  [
    "an image beyond any length",
    img(`${"a".repeat(500)}@${digest}`),
    ["spec.source.image: expected at most 512 characters, found 572"],
  ],
  ["a GPU that is a number", gpu(1), ["spec.resources.gpu: expected an object, found the number 1"]],
  ["a GPU without a count", gpu({ name: "nvidia.com/gpu" }), ["spec.resources.gpu.count: required: expected a whole number"]],
  ["a GPU without a name", gpu({ count: 1 }), ["spec.resources.gpu.name: required: expected text"]],
  [
    "a name of a GPU without a prefix",
    gpu({ name: "gpu", count: 1 }),
    ['spec.resources.gpu.name: expected a resource of a device plugin, such as nvidia.com/gpu; found the text "gpu"'],
  ],
  [
    "a GPU of Kubernetes' own",
    gpu({ name: "kubernetes.io/gpu", count: 1 }),
    [
      'spec.resources.gpu.name: expected a resource of a device plugin, such as nvidia.com/gpu; found the text "kubernetes.io/gpu"',
    ],
  ],
  [
    "a GPU name with a slash too many",
    gpu({ name: "a/b/c", count: 1 }),
    [
      'spec.resources.gpu.name: expected a resource of a device plugin, such as nvidia.com/gpu: expected NAME or PREFIX/NAME, found the text "a/b/c"',
    ],
  ],
  [
    "half a GPU",
    gpu({ name: "nvidia.com/gpu", count: 0.5 }),
    ["spec.resources.gpu.count: expected a whole number, found the number 0.5"],
  ],
  ["no GPU", gpu({ name: "nvidia.com/gpu", count: 0 }), ["spec.resources.gpu.count: expected at least 1, found the number 0"]],
  [
    "a field of a GPU that there is not",
    gpu({ name: "nvidia.com/gpu", count: 1, mode: "mig" }),
    ["spec.resources.gpu.mode: unknown field; expected one of name, count"],
  ],
  [
    "a metric of nothing",
    met({}),
    [
      'spec.scaling.metrics[0].type: required: expected one of "cpu", "memory"',
      "spec.scaling.metrics[0].target: required: expected a whole number",
    ],
  ],
  [
    "a metric that is not there",
    met({ type: "gpu", target: 50 }),
    ['spec.scaling.metrics[0].type: expected one of "cpu", "memory", found the text "gpu"; did you mean "cpu"?'],
  ],
  ["a metric by its name alone", met("cpu"), ['spec.scaling.metrics[0]: expected an object, found the text "cpu"']],
  [
    "a target as text",
    met({ type: "cpu", target: "50%" }),
    ['spec.scaling.metrics[0].target: expected a whole number, found the text "50%"'],
  ],
  ["a target of 0", met({ type: "cpu", target: 0 }), ["spec.scaling.metrics[0].target: expected at least 1, found the number 0"]],
  [
    "a target that is never reached",
    met({ type: "cpu", target: 91 }),
    [
      "spec.scaling.metrics[0].target: expected at most 90, found the number 91: replicas are added when usage is a tenth above the target, and it cannot be above 100",
    ],
  ],
  [
    "one metric twice",
    met({ type: "cpu", target: 50 }, { type: "cpu", target: 60 }),
    ['spec.scaling.metrics[1].type: "cpu" is already at spec.scaling.metrics[0]'],
  ],
  [
    "a metric of a resource that is not limited",
    met({ type: "memory", target: 50 }),
    ["spec.scaling.metrics[0].type: needs spec.resources.memory: its target is a percent of it"],
  ],
  [
    "a field of a metric that there is not",
    met({ type: "cpu", target: 50, average: 1 }),
    ["spec.scaling.metrics[0].average: unknown field; expected one of type, target"],
  ],
  ["a placement that is text", pl("zone"), ['spec.placement: expected an object, found the text "zone"']],
  [
    "a placement in the wrong case",
    pl({ nodeselector: {} }),
    ['spec.placement.nodeselector: unknown field; did you mean "nodeSelector"?'],
  ],
  [
    "a node label that is a number",
    pl({ nodeSelector: { a: 1 } }),
    ['spec.placement.nodeSelector.a: expected text, found the number 1; put it in quotes: "1"'],
  ],
  [
    "a node label with a bad key",
    pl({ nodeSelector: { "a b": "1" } }),
    [
      'spec.placement.nodeSelector[a b]: expected a key of letters, digits, "-", "_" and ".", with a letter or digit first and last; found the text "a b"',
    ],
  ],
  [
    "a node label with a bad value",
    pl({ nodeSelector: { a: "x y" } }),
    [
      'spec.placement.nodeSelector.a: expected letters, digits, "-", "_" and ".", with a letter or digit first and last; found the text "x y"',
    ],
  ],
  [
    "a toleration of nothing",
    tol({}),
    ["spec.placement.tolerations[0].key: required: expected the key of a taint; for every taint set operator: Exists"],
  ],
  [
    "a toleration of a value that need not be there",
    tol({ key: "a", operator: "Exists", value: "x" }),
    ["spec.placement.tolerations[0].value: expected no value with operator Exists; leave it out, or set operator: Equal"],
  ],
  [
    "seconds of a toleration without an effect",
    tol({ key: "a", tolerationSeconds: 3 }),
    ["spec.placement.tolerations[0].tolerationSeconds: expected only with effect: NoExecute, the one effect that ends replicas"],
  ],
  [
    "an operator of a toleration that there is not",
    tol({ key: "a", operator: "In" }),
    ['spec.placement.tolerations[0].operator: expected one of "Equal", "Exists", found the text "In"'],
  ],
  [
    "an effect of a taint that there is not",
    tol({ key: "a", effect: "NoRun" }),
    [
      'spec.placement.tolerations[0].effect: expected one of "NoSchedule", "PreferNoSchedule", "NoExecute", found the text "NoRun"',
    ],
  ],
  [
    "a key of a taint that cannot be",
    tol({ key: "a b" }),
    [
      'spec.placement.tolerations[0].key: expected a key of letters, digits, "-", "_" and ".", with a letter or digit first and last; found the text "a b"',
    ],
  ],
  [
    "a spread over racks",
    pl({ spread: ["rack"] }),
    ['spec.placement.spread[0]: expected one of "zone", "node", found the text "rack"'],
  ],
  [
    "one spread twice",
    pl({ spread: ["zone", "zone"] }),
    ['spec.placement.spread[1]: "zone" is already at spec.placement.spread[0]'],
  ],
  ["a spread over nothing", pl({ spread: [] }), ["spec.placement.spread: expected at least 1 items, found the number 0"]],
  [
    "a priority that is no name",
    pl({ priorityClassName: "High Priority" }),
    [
      'spec.placement.priorityClassName: expected lower-case letters, digits, "-" and ".", with a letter or digit first and last in each part; found the text "High Priority"',
    ],
  ],
  [
    "one pull secret twice",
    pl({ imagePullSecrets: ["a", "a"] }),
    ['spec.placement.imagePullSecrets[1]: "a" is already at spec.placement.imagePullSecrets[0]'],
  ],
  [
    "a pull secret as a pod has it",
    pl({ imagePullSecrets: [{ name: "a" }] }),
    ["spec.placement.imagePullSecrets[0]: expected text, found an object"],
  ],
  [
    "an architecture as uname calls it",
    pl({ architecture: "x86_64" }),
    ['spec.placement.architecture: expected one of "amd64", "arm64", found the text "x86_64"'],
  ],
  ["secrets that are a map", { secrets: { A: "b" } }, ["spec.secrets: expected a list, found an object"]],
  [
    "a secret with neither",
    sec({ name: "a" }),
    ["spec.secrets[0]: expected env (the name of a variable) or file (an absolute path)"],
  ],
  [
    "a secret with both",
    sec({ name: "a", env: "A", file: "/run/secrets/a" }),
    ["spec.secrets[0].file: env and file exclude each other; make two entries of it"],
  ],
  [
    "a secret's value",
    sec({ name: "a", env: "A", value: "hunter2" }),
    ["spec.secrets[0].value: unknown field; expected one of name, key, env, file"],
  ],
  ["a secret without a name", sec({ env: "A" }), ["spec.secrets[0].name: required: expected text"]],
  [
    "a secret with a name that cannot be",
    sec({ name: "My Secret", env: "A" }),
    [
      'spec.secrets[0].name: expected lower-case letters, digits, "-" and ".", with a letter or digit first and last in each part; found the text "My Secret"',
    ],
  ],
  [
    "a secret with a key that cannot be",
    sec({ name: "a", key: "a/b", env: "A" }),
    ['spec.secrets[0].key: expected a key of letters, digits, "-", "_" and ".", not beginning with ".."; found the text "a/b"'],
  ],
  [
    "a variable that cannot be",
    sec({ name: "a", env: "1A" }),
    ['spec.secrets[0].env: expected a variable of letters, digits and "_", not beginning with a digit; found the text "1A"'],
  ],
  [
    "a variable that Node reads",
    sec({ name: "a", env: "NODE_OPTIONS" }),
    ["spec.secrets[0].env: expected another name: NODE_OPTIONS decides how Slipway itself runs"],
  ],
  [
    "a variable that every program reads",
    sec({ name: "a", env: "PATH" }),
    ["spec.secrets[0].env: expected another name: PATH decides how Slipway itself runs"],
  ],
  [
    "a relative file",
    sec({ name: "a", file: "secrets/a" }),
    [
      'spec.secrets[0].file: expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found the text "secrets/a"',
    ],
  ],
  [
    "a file in the root",
    sec({ name: "a", file: "/token" }),
    [
      'spec.secrets[0].file: expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found the text "/token"',
    ],
  ],
  [
    "a file that goes up",
    sec({ name: "a", file: "/run/../etc/passwd" }),
    [
      'spec.secrets[0].file: expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found the text "/run/../etc/passwd"',
    ],
  ],
  [
    "a file that goes up twice",
    sec({ name: "a", file: "/run/secrets/../../etc/passwd" }),
    [
      'spec.secrets[0].file: expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found the text "/run/secrets/../../etc/passwd"',
    ],
  ],
  [
    "a file among the platform's own",
    sec({ name: "a", file: "/etc/slipway/tls/tls.key" }),
    ['spec.secrets[0].file: expected a path outside /etc, such as /run/secrets/token; found the text "/etc/slipway/tls/tls.key"'],
  ],
  [
    "a file in the bundle",
    sec({ name: "a", file: "/model/x" }),
    ['spec.secrets[0].file: expected a path outside /model, such as /run/secrets/token; found the text "/model/x"'],
  ],
  [
    "a file that is a directory",
    sec({ name: "a", file: "/run/secrets/" }),
    [
      'spec.secrets[0].file: expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found the text "/run/secrets/"',
    ],
  ],
  [
    "a file in another name of /run",
    sec({ name: "a", file: "/var/run/secrets/a" }),
    ['spec.secrets[0].file: expected a path outside /var/run, such as /run/secrets/token; found the text "/var/run/secrets/a"'],
  ],
  [
    "one variable twice",
    sec({ name: "a", env: "A" }, { name: "b", env: "A" }),
    ['spec.secrets[1].env: "A" is already at spec.secrets[0]'],
  ],
  [
    "one file twice",
    sec({ name: "a", file: "/run/a/b" }, { name: "b", file: "/run/a/b" }),
    ['spec.secrets[1].file: "/run/a/b" is already at spec.secrets[0]'],
  ],
  [
    "a file in a file",
    sec({ name: "a", file: "/run/a/b" }, { name: "b", file: "/run/a/b/c" }),
    ["spec.secrets[1].file: one of this and spec.secrets[0] is a directory of the other"],
  ],
  ["an egress that is text", eg("10.0.0.0/8"), ['spec.network.egress[0]: expected an object, found the text "10.0.0.0/8"']],
  [
    "an egress to a host name",
    eg({ host: "db.example", ports: [5432] }),
    [
      "spec.network.egress[0].cidr: required: expected text",
      "spec.network.egress[0].host: unknown field; expected one of cidr, ports, protocol",
    ],
  ],
  [
    "an address for a network",
    eg({ cidr: "10.1.2.3", ports: [443] }),
    [
      'spec.network.egress[0].cidr: expected a network such as 10.1.0.0/16 or 2001:db8::/32, found the text "10.1.2.3"; did you mean "10.1.2.3/32"?',
    ],
  ],
  [
    "a network with an address in it",
    eg({ cidr: "10.1.2.3/16", ports: [443] }),
    [
      'spec.network.egress[0].cidr: expected nothing set behind the first 16 bits, found the text "10.1.2.3/16"; did you mean "10.1.0.0/16"?',
    ],
  ],
  [
    "an IPv6 network with an address in it",
    eg({ cidr: "2001:db8::1/32", ports: [443] }),
    ['spec.network.egress[0].cidr: expected nothing set behind the first 32 bits, found the text "2001:db8::1/32"'],
  ],
  [
    "an IPv4 address at the end of an IPv6 network",
    eg({ cidr: "::ffff:10.0.0.0/104", ports: [443] }),
    [
      'spec.network.egress[0].cidr: expected a network such as 10.1.0.0/16 or 2001:db8::/32, found the text "::ffff:10.0.0.0/104"',
    ],
  ],
  [
    "half a network",
    eg({ cidr: "10.1/16", ports: [443] }),
    ['spec.network.egress[0].cidr: expected a network such as 10.1.0.0/16 or 2001:db8::/32, found the text "10.1/16"'],
  ],
  [
    "the metadata service",
    eg({ cidr: "169.254.169.254/32", ports: [80] }),
    [
      "spec.network.egress[0].cidr: a cloud's metadata service is never reachable from a model: it hands out the machine's credentials",
    ],
  ],
  [
    "the metadata service of IPv6, written another way",
    eg({ cidr: "FD00:EC2:0::254/128", ports: [80] }),
    [
      "spec.network.egress[0].cidr: a cloud's metadata service is never reachable from a model: it hands out the machine's credentials",
    ],
  ],
  [
    "an IPv4 network in IPv6",
    eg({ cidr: "::ffff:a9fe:a9fe/128", ports: [80] }),
    [
      'spec.network.egress[0].cidr: expected an IPv4 network in its own notation, such as 10.1.0.0/16; found the text "::ffff:a9fe:a9fe/128"',
    ],
  ],
  ["an egress without ports", eg({ cidr: "10.0.0.0/8" }), ["spec.network.egress[0].ports: required: expected a list"]],
  [
    "an egress with no port",
    eg({ cidr: "10.0.0.0/8", ports: [] }),
    ["spec.network.egress[0].ports: expected at least 1 items, found the number 0"],
  ],
  [
    "port 0",
    eg({ cidr: "10.0.0.0/8", ports: [0] }),
    ["spec.network.egress[0].ports[0]: expected at least 1, found the number 0"],
  ],
  [
    "a port by name",
    eg({ cidr: "10.0.0.0/8", ports: ["https"] }),
    ['spec.network.egress[0].ports[0]: expected a whole number, found the text "https"'],
  ],
  [
    "one port twice",
    eg({ cidr: "10.0.0.0/8", ports: [443, 443] }),
    ["spec.network.egress[0].ports[1]: 443 is already at spec.network.egress[0].ports[0]"],
  ],
  [
    "a protocol in the wrong case",
    eg({ cidr: "10.0.0.0/8", ports: [443], protocol: "tcp" }),
    ['spec.network.egress[0].protocol: expected one of "TCP", "UDP", found the text "tcp"; did you mean "TCP"?'],
  ],
  ["an ingress", { network: { ingress: [] } }, ['spec.network.ingress: unknown field; did you mean "egress"?']],
];

for (const [what, spec, expected] of bad) {
  test(`parse() refuses ${what}`, () => assert.deepEqual(problems(spec), expected));
}

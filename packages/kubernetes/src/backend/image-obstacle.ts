import type { ReplicaError } from "@slipway/control";

/** What a kernel says of a program for another machine. */
export const wrongArchitecture = /exec format error/i;

interface Cause {
  readonly pattern: RegExp;
  readonly code: ReplicaError["code"];
  readonly say: (image: string, node: string) => string;
}

/** What runtimes say when an image cannot be had, and what it means. The first that fits counts. */
const causes: readonly Cause[] = [
  {
    pattern: wrongArchitecture,
    code: "invalid",
    say: (image, node) =>
      `${image} is for another architecture than ${node} has; set spec.placement.architecture, or push an image for both`,
  },
  {
    pattern: /no match for platform|no matching manifest/i,
    code: "invalid",
    say: (image, node) =>
      `${image} has nothing for the architecture of ${node}; set spec.placement.architecture, or push an image for it`,
  },
  {
    pattern: /unauthorized|authentication required|authorization failed|\b401\b|\b403\b|forbidden|denied/i,
    code: "unauthenticated",
    say: (image) => `the registry does not give ${image} to this cluster; name a pull secret in spec.placement.imagePullSecrets`,
  },
  {
    // What a runtime says at last when a registry that speaks plain HTTP has no such image.
    pattern: /server gave HTTP response/i,
    code: "notFound",
    say: (image) =>
      `the registry has no image ${image}, or nodes are not told that it speaks plain HTTP; push it with \`slipway push\``,
  },
  {
    pattern: /not found|manifest unknown|name unknown|does not exist|\b404\b/i,
    code: "notFound",
    say: (image) => `the registry has no image ${image}; push it with \`slipway push\`, or correct spec.source.image`,
  },
  {
    pattern: /x509|certificate/i,
    code: "unavailable",
    say: (image) => `nodes do not trust the registry of ${image}; add its authority to the container runtime of each node`,
  },
  {
    pattern: /no such host|connection refused|timeout|timed out|deadline exceeded|unreachable|dial tcp|EOF|\b50\d\b/i,
    code: "unavailable",
    say: (image) => `the registry of ${image} cannot be reached from the nodes; it is tried again`,
  },
  {
    pattern: /couldn't parse image|invalid reference format/i,
    code: "invalid",
    say: (image) => `${image} is not the name of an image; correct spec.source.image`,
  },
  {
    pattern: /digest|mismatch|failed commit on ref/i,
    code: "invalid",
    say: (image) => `what the registry gives for ${image} is not what its digest says; push it again`,
  },
];

/** Why an image cannot be had or run, in one sentence. The reason stays the same while a runtime tries again. */
export function imageObstacle(message: string, image: string, node = "this cluster's nodes"): ReplicaError {
  const cause = causes.find(({ pattern }) => pattern.test(message.replaceAll(image, "")));
  const name = image.length > 200 ? `${image.slice(0, 200)}…` : image;
  if (cause === undefined)
    return { code: "unavailable", reason: "ErrImagePull", message: `${name} cannot be pulled; it is tried again` };
  const reason = cause.pattern === wrongArchitecture ? "WrongArchitecture" : "ErrImagePull";
  return { code: cause.code, reason, message: cause.say(name, node) };
}

import assert from "node:assert/strict";
import { run } from "../../harness/platform.ts";

/** Something kube-score has against an object. */
export interface Finding {
  readonly check: string;
  /** Critical or warning. */
  readonly grade: "critical" | "warning";
  /** `KIND/VERSION/NAMESPACE/NAME: what it says`. */
  readonly what: string;
}

/** A finding that we keep, and why. */
interface Allowed {
  readonly check: string;
  /** Matches {@link Finding.what}. */
  readonly what: RegExp;
  readonly reason: string;
}

/** All of them; one that kube-score no longer finds fails the test. */
export const allowedFindings: readonly Allowed[] = [
  {
    check: "container-image-pull-policy",
    what: /ImagePullPolicy is not set to Always$/,
    reason: "Images are named by digest, so one that is there is the right one, and a pod starts while the registry is away.",
  },
  {
    check: "container-ephemeral-storage-request-and-limit",
    what: /Ephemeral Storage limit is not set; .* Ephemeral Storage request is not set$/,
    reason: "The root is read-only and the one writable volume has a size limit, so there is nothing more to bound.",
  },
  {
    check: "container-resources",
    what: /\/slipway-system\/slipway-(operator|gateway): \w+ CPU limit is not set$/,
    reason: "A gateway that is throttled delays every model; it has a request, and a limit of memory.",
  },
  {
    check: "container-resources",
    what: /\/default\/(plain|secrets|egress|wide|placed)-\w+: model CPU limit is not set; model Memory limit is not set/,
    reason: "What a model may use is its manifest's to say; without a word there is no limit, in both places.",
  },
  {
    check: "deployment-targeted-by-hpa-does-not-have-replicas-configured",
    what: /\/default\/autoscaled-\w+:/,
    reason: "The number to begin with, when the Deployment is made; it is never applied to one that runs.",
  },
  {
    check: "deployment-has-host-podantiaffinity",
    what: /does not have a host podAntiAffinity set$/,
    reason:
      "Topology spread constraints do it, over nodes and zones, without keeping a pod from running where there is one node.",
  },
  {
    check: "deployment-replicas",
    what: /\/default\/[a-z]+-\w+: .*few replicas$/,
    reason: "The number is the manifest's scaling.minReplicas, whose default is one in both places.",
  },
];

interface Scored {
  readonly object_name: string;
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string; readonly description: string }[] | null;
  }[];
}

/** Checks of kube-score that are off by default, and are wanted here. */
const optional = ["container-security-context-privileged", "container-seccomp-profile"];

/** What kube-score, at its strictest, has against objects. */
export async function scoreFindings(program: string, objects: readonly object[]): Promise<Finding[]> {
  const args = ["score", "--output-format", "json", "--exit-one-on-warning"];
  for (const check of optional) args.push("--enable-optional-test", check);
  const documents = objects.map((object) => JSON.stringify(object)).join("\n---\n");
  const { stdout, stderr } = await run(program, [...args, "-"], { input: documents });
  assert.notEqual(stdout, "", stderr);
  return ((JSON.parse(stdout) ?? []) as Scored[]).flatMap(({ object_name: name, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < 10)
      .map(({ check, grade, comments }) => ({
        check: check.id,
        grade: grade === 1 ? "critical" : "warning",
        what: `${name}: ${(comments ?? []).map(({ path, summary }) => `${path} ${summary}`).join("; ")}`,
      })),
  );
}

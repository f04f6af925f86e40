import { kubectl, kubectlApply } from "../../cluster/index.ts";
import { eventually } from "../../harness/eventually.ts";

const group = "admissionregistration.k8s.io";

/** What an administrator has changed or refused in one namespace. */
export interface AdministratorsPolicy {
  readonly name: string;
  /** Kinds of objects it looks at when they are made: `pods`. */
  readonly resources: readonly string[];
  readonly does:
    | { readonly type: "change"; readonly expression: string }
    | { readonly type: "refuse"; readonly unless: string; readonly message: string };
  /** An object that is refused, by its dry run, exactly while the policy counts. */
  readonly refusedWhileItCounts: object;
}

/** Why the cluster cannot change objects by a policy, which Kubernetes does by itself from 1.36; undefined when it can. */
export async function changingMissing(): Promise<string | undefined> {
  const kinds = await kubectl("get", "--raw", `/apis/${group}/v1beta1`).catch(() => "");
  return kinds.includes('"mutatingadmissionpolicies"') ? undefined : "this cluster does not serve MutatingAdmissionPolicies.";
}

/** Runs `test` while a policy counts in a namespace. What is refused before and after is not because of it. */
export async function underPolicy(policy: AdministratorsPolicy, namespace: string, test: () => Promise<void>): Promise<void> {
  const objects = objectsOf(policy, namespace);
  try {
    await kubectlApply(objects);
    // It counts a moment after it was made.
    await eventually(`${policy.name} counts`, 30, async () => !(await isTaken(policy.refusedWhileItCounts)));
    await test();
  } finally {
    for (const { kind, metadata } of objects) await kubectl("delete", kind, metadata.name, "--ignore-not-found");
    await eventually(`${policy.name} counts no more`, 30, () => isTaken(policy.refusedWhileItCounts));
  }
}

async function isTaken(object: object): Promise<boolean> {
  return kubectlApply([object], "--dry-run=server").then(
    () => true,
    () => false,
  );
}

function objectsOf({ name, resources, does }: AdministratorsPolicy, namespace: string) {
  const [kind, apiVersion] =
    does.type === "change"
      ? (["MutatingAdmissionPolicy", `${group}/v1beta1`] as const)
      : (["ValidatingAdmissionPolicy", `${group}/v1`] as const);
  const resourceRules = resources.map((resource) => ({
    apiGroups: ["*"],
    apiVersions: ["*"],
    operations: ["CREATE"],
    resources: [resource],
  }));
  const spec = {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules,
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    },
    ...(does.type === "change"
      ? {
          reinvocationPolicy: "Never",
          mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: does.expression } }],
        }
      : { validations: [{ expression: does.unless, message: does.message }] }),
  };
  const binding = { policyName: name, ...(does.type === "refuse" && { validationActions: ["Deny"] }) };
  return [
    { apiVersion, kind, metadata: { name }, spec },
    { apiVersion, kind: `${kind}Binding`, metadata: { name }, spec: binding },
  ];
}

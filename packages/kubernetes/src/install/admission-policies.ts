import { longestModelName } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { clusterMeta, componentName } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

interface Validation {
  readonly expression: string;
  readonly message: string;
}

/** What a CustomResourceDefinition cannot say: how a name must look, and who writes. */
export function admissionPolicies(parts: InstallParts): KubernetesObject[] {
  const operator = `system:serviceaccount:${parts.namespace}:${componentName("operator")}`;
  return [
    ...policy(
      parts,
      "models",
      ["CREATE", "UPDATE"],
      [
        {
          // Its pods, Services and labels are called after it; a custom resource by itself may have dots in its name.
          expression: `size(object.metadata.name) <= ${longestModelName} && object.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')`,
          message: `the name of a Model has at most ${longestModelName} characters: lower-case letters, digits and "-", with a letter or digit first and last`,
        },
        {
          // What was there before may always be taken away: finalizers are removed by an update.
          expression: "has(object.spec.source.image) || (oldObject != null && object.spec == oldObject.spec)",
          message:
            "spec.source.image is required in a cluster: the image, by digest, that holds the bundle; `slipway apply --to REPOSITORY` makes, pushes and names it",
        },
        {
          expression: `object.metadata.namespace != '${parts.namespace}'`,
          message: "Models cannot run in the platform's own namespace",
        },
      ],
    ),
    ...policy(
      parts,
      "revisions",
      ["CREATE"],
      [
        {
          expression: `request.userInfo.username == '${operator}'`,
          message: "a Revision is made by Slipway when a Model changes, never by hand; change the Model",
        },
        {
          expression:
            "object.metadata.name.startsWith(object.spec.model + '-') && size(object.metadata.name) == size(object.spec.model) + 11 && object.metadata.name.matches('-[0-9a-f]{10}$')",
          message: 'the name of a Revision is its Model\'s, "-" and ten hexadecimal digits',
        },
      ],
    ),
  ];
}

function policy(
  parts: InstallParts,
  resource: "models" | "revisions",
  operations: readonly string[],
  validations: readonly Validation[],
): KubernetesObject[] {
  const name = `${resource}.slipway.dev`;
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: clusterMeta(parts, name),
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [{ apiGroups: ["slipway.dev"], apiVersions: ["v1alpha1"], operations, resources: [resource] }],
        },
        validations: validations.map((validation) => ({ ...validation, reason: "Invalid" })),
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: clusterMeta(parts, name),
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ];
}

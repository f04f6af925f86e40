import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { readDeployment } from "./deployment-object.ts";
import { deploymentProblem } from "./deployment-problem.ts";
import { writeRefusal } from "./write-refusal.ts";

const failing = (message: string, status = "True") =>
  readDeployment({
    metadata: { name: "digits-1", namespace: "default", uid: "u", resourceVersion: "1" },
    spec: { replicas: 2, template: {} },
    status: { conditions: [{ type: "ReplicaFailure", status, reason: "FailedCreate", message }] },
  });

test("why a Deployment can make no pods is one sentence with what to do", () => {
  const cases = [
    [
      'pods "digits-1-x" is forbidden: exceeded quota: small, requested: limits.memory=1Gi, used: limits.memory=0, limited: limits.memory=512Mi',
      "QuotaExceeded",
      "the quota small of the namespace is used up (asks for limits.memory=1Gi, used limits.memory=0 of limits.memory=512Mi); raise it, or ask for less",
    ],
    [
      'pods "digits-1-x" is forbidden: failed quota: small: must specify limits.memory for: model',
      "QuotaExceeded",
      "the quota small of the namespace wants every pod to say what it needs: set limits.memory for: model in spec.resources",
    ],
    [
      'pods "digits-1-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      "PodSecurity",
      "the namespace enforces the Pod Security Standard restricted:latest, which refuses: runAsNonRoot != true",
    ],
    [
      'pods "digits-1-x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi',
      "LimitRange",
      "a LimitRange of the namespace refuses: maximum memory usage per Container is 64Mi, but limit is 1Gi; change spec.resources",
    ],
    [
      'pods "digits-1-x" is forbidden: no PriorityClass with name gold was found',
      "PriorityClassNotFound",
      "there is no PriorityClass gold, which spec.placement names; create it",
    ],
    [
      "pods \"digits-1-x\" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'owners' denied request: a pod must have the label team",
      "AdmissionDenied",
      "the policy owners of this cluster refuses what the model needs: a pod must have the label team",
    ],
    [
      'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/x was blocked due to the following policies\n\nlabels:\n  team: required',
      "AdmissionDenied",
      "the admission webhook validate.kyverno.svc-fail of this cluster refuses what the model needs: resource Pod/x was blocked due to the following policies labels: team: required",
    ],
    ['pods "digits-1-x" is forbidden: something else', "FailedCreate", "the cluster refuses its pods: something else"],
  ] as const;
  for (const [message, reason, expected] of cases)
    assert.deepEqual(deploymentProblem(failing(message)), { revision: "digits-1", reason, message: expected });
  assert.equal(deploymentProblem(failing("was", "False")), undefined);
});

test("what a cluster refuses to write is a problem, and what fails otherwise is none", () => {
  const refused = (code: ConstructorParameters<typeof SlipwayError>[0], message: string) =>
    writeRefusal(new SlipwayError(code, message), "team");
  assert.deepEqual(
    refused(
      "forbidden",
      'deployments.apps is forbidden: User "system:serviceaccount:slipway-system:slipway-operator" cannot create resource "deployments" in API group "apps" in the namespace "team"',
    ),
    {
      reason: "NamespaceNotOpened",
      message: "Slipway may not run models in the namespace team; `slipway install --model-namespace team` lets it",
    },
  );
  assert.equal(
    refused("forbidden", "unable to create new content in namespace team because it is being terminated")?.reason,
    "NamespaceTerminating",
  );
  assert.equal(
    refused("forbidden", "x is forbidden: exceeded quota: q, requested: a=1, used: a=1, limited: a=1")?.reason,
    "QuotaExceeded",
  );
  assert.equal(refused("invalid", "Deployment.apps is invalid: no")?.reason, "Refused");
  assert.equal(refused("internal", 'admission webhook "w" denied the request')?.reason, "AdmissionDenied");
  assert.equal(refused("internal", 'failed calling webhook "w": no route to host'), undefined);
  for (const code of ["conflict", "unavailable", "alreadyExists", "internal", "overloaded"] as const)
    assert.equal(refused(code, "x"), undefined);
});

import { SlipwayError } from "@slipway/base";
import type { Exchange, Route } from "@slipway/http";
import { isJsonObject, type JsonObject } from "../body/json-object.ts";
import { readObject } from "../body/read-body.ts";
import { limits } from "../resource/resource-routes.ts";

/** What `kubectl auth` asks: who am I, may I, what may I. Whoever has the token may do everything there is. */
export function reviewRoutes(): Route[] {
  return [
    review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", (exchange) => ({
      userInfo: { username: exchange.user?.name ?? "", groups: exchange.user?.groups ?? [] },
    })),
    review("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", (_exchange, sent) => {
      const spec = isJsonObject(sent.spec) ? sent.spec : {};
      if (!isJsonObject(spec.resourceAttributes) && !isJsonObject(spec.nonResourceAttributes)) {
        throw new SlipwayError("badRequest", "spec needs resourceAttributes or nonResourceAttributes");
      }
      return { allowed: true, reason: "the token of this platform allows everything" };
    }),
    review("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", () => ({
      resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
      nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
      incomplete: false,
    })),
  ];
}

function review(group: string, plural: string, kind: string, statusOf: (exchange: Exchange, sent: JsonObject) => unknown): Route {
  const apiVersion = `${group}/v1`;
  return {
    method: "POST",
    path: `/apis/${apiVersion}/${plural}`,
    access: { type: "token" },
    limits,
    handler: async (exchange) => {
      const sent = await readObject(exchange);
      if (sent.kind !== kind || sent.apiVersion !== apiVersion) {
        throw new SlipwayError("badRequest", `The body must be a ${kind} of ${apiVersion}.`);
      }
      exchange.sendJson(201, { ...sent, status: statusOf(exchange, sent) });
    },
  };
}

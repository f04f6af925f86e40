import assert from "node:assert/strict";
import { it } from "node:test";
import { retryDecision } from "./retry.ts";

it("retryDecision() sends a request again only while one answer is certain", () => {
  const fresh = { retries: 0, refusals: 0, answering: false, bodyKept: true };
  const lost = { accepted: true, answered: false };
  const refused = { accepted: false, answered: false };
  const table: [Parameters<typeof retryDecision>, string][] = [
    [[lost, fresh], "retry"],
    [[lost, { ...fresh, retries: 1 }], "fail"],
    [[lost, { ...fresh, answering: true }], "fail"],
    [[lost, { ...fresh, bodyKept: false }], "fail"],
    [[{ accepted: true, answered: true }, fresh], "fail"],
    [[refused, fresh], "redirect"],
    [[refused, { ...fresh, retries: 1 }], "redirect"],
    [[refused, { ...fresh, refusals: 8 }], "fail"],
    [[refused, { ...fresh, bodyKept: false }], "fail"],
  ];
  for (const [[fate, attempts], expected] of table) assert.equal(retryDecision(fate, attempts), expected);
});

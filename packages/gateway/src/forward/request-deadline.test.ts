import assert from "node:assert/strict";
import { it } from "node:test";
import { requestDeadline } from "./request-deadline.ts";

it("requestDeadline() reads seconds, has a default, and refuses everything else", () => {
  assert.equal(requestDeadline({}), 60_000);
  assert.equal(requestDeadline({ "request-timeout": "2.5" }), 2_500);
  assert.equal(requestDeadline({ "request-timeout": "3600" }), 3_600_000);
  for (const text of ["", "0", "-1", "3601", "1e3", "NaN", "1 s", "1,5", "99999999", " 1"]) {
    assert.throws(() => requestDeadline({ "request-timeout": text }), { code: "badRequest", message: /Request-Timeout/ });
  }
});

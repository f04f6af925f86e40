import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dependencies } from "./read-dependencies.ts";
import { uvFailure } from "./uv-failure.ts";

const dependencies: Dependencies = {
  file: "requirements.txt",
  kind: "requirements",
  text: "numpy==2.2.6\nscikit_learn==99\n",
  python: undefined,
};

test("the resolver's reason comes with the line at fault, without the paths of this machine", () => {
  const stderr =
    "warning: something of /home/a/b else\nerror: No solution found when resolving dependencies\n  cause: Because there is no version of scikit-learn==99 and you require scikit-learn==99, we can conclude that your requirements are unsatisfiable.\nhint: see /home/root/.cache/uv/x\n";
  const error = uvFailure("locked", stderr, dependencies);
  assert.equal(error.code, "invalid");
  assert.match(
    error.message,
    /cannot be locked \(requirements\.txt:2: scikit_learn==99\): No solution found .* no version of scikit-learn==99/,
  );
  assert.doesNotMatch(error.message, /root|home|hint|warning/);
});

test("an index that cannot be reached is no fault of the model", () => {
  const error = uvFailure("locked", "error: Failed to fetch: `https://a.b/simple/numpy/`\n  cause: dns error", dependencies);
  assert.equal(error.code, "unavailable");
});

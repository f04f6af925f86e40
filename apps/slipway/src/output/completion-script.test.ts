import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { createProgram } from "../cli.ts";
import { completionScript } from "./completion-script.ts";

/** What bash would offer for the last word of a command line; `slipway __complete KIND` answers with `KIND-1`. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${completionScript(await createProgram(), "bash")}
slipway() { echo "$2-1"; }
COMP_WORDS=(slipway "$@"); COMP_CWORD=$#; _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

test("bash completes commands, flags, formats, kinds and names", async () => {
  assert.deepEqual(await offered("de"), ["describe", "delete"]);
  assert.deepEqual(await offered("apply", "--w"), ["--wait"]);
  assert.deepEqual(await offered("-n", "lab", "get", "models", "-o", "y"), ["yaml"]);
  assert.deepEqual(await offered("get", "re"), ["replicas", "revisions"]);
  assert.deepEqual(await offered("describe", "re"), ["revisions"]);
  assert.deepEqual(await offered("get", "revisions", "x", ""), ["revisions-1"]);
  assert.deepEqual(await offered("predict", ""), ["models-1"]);
  assert.deepEqual(await offered("rollback", "digits", "--to", ""), ["revisions-1"]);
});

test("zsh loads the same script, fish has one of its own with every command", async () => {
  const program = await createProgram();
  assert.match(completionScript(program, "zsh"), /^autoload -Uz bashcompinit/);
  const fish = completionScript(program, "fish");
  for (const command of program.commands.filter((other) => !other.name().startsWith("__"))) {
    assert.ok(fish.includes(`-a ${command.name()} `), command.name());
  }
});

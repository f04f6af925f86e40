import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sourceFacts } from "./source-facts.ts";

test("git says commit, repository and path; what it needs to log in never leaves it, and nothing of it is run", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-git-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { PATH } = process.env;
  const env = { PATH, HOME: directory, GIT_CONFIG_NOSYSTEM: "1" };
  const git = (...words: string[]) => execFileSync("git", ["-C", directory, ...words], { env, encoding: "utf8" }).trim();
  const model = join(directory, "models", "digits");
  await mkdir(model, { recursive: true });
  assert.equal(await sourceFacts(model, env), undefined);
  await writeFile(join(model, "x"), "1");
  git("init", "-q");
  assert.equal(await sourceFacts(model, env), undefined, "no commit yet");
  git("add", ".");
  git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-qm", "first");
  git("config", "core.fsmonitor", `touch ${join(directory, "ran")}; false`);
  const commit = git("rev-parse", "HEAD");
  assert.deepEqual(await sourceFacts(model, env), { commit, modified: false, path: "models/digits" });
  const remotes = {
    "https://bob:planted@git.example/team/m.git?token=planted": "https://git.example/team/m.git",
    "git@git.example:team/m.git": "ssh://git.example/team/m.git",
    "/srv/git/m.git": undefined,
    "file:///srv/git/m.git": undefined,
  };
  git("remote", "add", "origin", "x");
  for (const [remote, repository] of Object.entries(remotes)) {
    git("config", "remote.origin.url", remote);
    assert.equal((await sourceFacts(model, env))?.repository, repository, remote);
  }
  await rm(join(directory, "ran"), { force: true });
  await writeFile(join(model, "x"), "2");
  assert.equal((await sourceFacts(model, env))?.modified, true);
  assert.throws(() => execFileSync("test", ["-e", join(directory, "ran")]), "the repository's own monitor ran");
  assert.equal(await sourceFacts(model, { PATH: "/nowhere" }), undefined, "without git");
});

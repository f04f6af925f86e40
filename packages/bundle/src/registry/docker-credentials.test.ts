import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../testing/scratch.ts";
import { dockerCredentials } from "./docker-credentials.ts";

const basic = (text: string) => Buffer.from(text).toString("base64");

test("entries of the file, by every name a registry has in it", async (t) => {
  const file = join(await scratch(t), "config.json");
  await writeFile(
    file,
    JSON.stringify({
      auths: {
        "a.example": { auth: basic("ada:a:b") },
        "https://b.example/v2/": { username: "bob", password: "b" },
        "https://index.docker.io/v1/": { auth: basic("carl:c") },
        "d.example": { identitytoken: "token-d" },
        "e.example": {},
      },
    }),
  );
  const credentials = dockerCredentials(file, {});
  assert.deepEqual(await credentials("a.example"), { username: "ada", password: "a:b" });
  assert.deepEqual(await credentials("b.example"), { username: "bob", password: "b" });
  assert.deepEqual(await credentials("docker.io"), { username: "carl", password: "c" });
  assert.deepEqual(await credentials("d.example"), { identityToken: "token-d" });
  assert.equal(await credentials("e.example"), undefined);
  assert.equal(await credentials("f.example"), undefined);
  assert.equal(await dockerCredentials(`${file}.missing`, {})("a.example"), undefined);
});

test("helper programs are asked, and their failures do not show what they printed", async (t) => {
  const folder = await scratch(t);
  const file = join(folder, "config.json");
  const script = `#!/bin/sh
read server
case $server in
  a.example) echo '{"Username":"ada","Secret":"secret-a"}' ;;
  b.example) echo '{"Username":"<token>","Secret":"secret-b"}' ;;
  c.example) echo 'credentials not found in native keychain'; exit 1 ;;
  d.example) echo 'secret-d'; exit 1 ;;
  *) echo 'secret-e' ;;
esac
`;
  await writeFile(join(folder, "docker-credential-test"), script);
  await chmod(join(folder, "docker-credential-test"), 0o755);
  const helpers = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [`${name}.example`, "test"]));
  await writeFile(file, JSON.stringify({ credHelpers: { ...helpers, "f.example": "../evil", "g.example": "absent" } }));
  const credentials = dockerCredentials(file, { PATH: `${folder}:/usr/bin:/bin` });
  assert.deepEqual(await credentials("a.example"), { username: "ada", password: "secret-a" });
  assert.deepEqual(await credentials("b.example"), { identityToken: "secret-b" });
  assert.equal(await credentials("c.example"), undefined);
  for (const name of ["d", "e", "f", "g"]) {
    await assert.rejects(credentials(`${name}.example`), (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, "unauthenticated");
      assert.doesNotMatch(`${error.message}${error.hint}`, /secret/);
      return true;
    });
  }
});

test("a file that is not one is said without showing it", async (t) => {
  const file = join(await scratch(t), "config.json");
  await writeFile(file, '{"auths": secret');
  await assert.rejects(dockerCredentials(file, {})("a.example"), (error: { code: string; message: string }) => {
    assert.equal(error.code, "unauthenticated");
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

// scripts/setup.sh with an npm that only pretends: what it does before, after and beside `npm ci`, not what npm does.
import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type CommandResult, root, run } from "./harness/platform.ts";

/** Installs a Node.js under the name npm gives it, without the link in `.bin`, as npm 10 does; notes that it ran. */
const npm = `#!/bin/sh
echo "$@" >>ran.txt
rm -rf node_modules
mkdir -p node_modules/.bin node_modules/node-here/bin
[ -e broken ] && exit 1
printf '#!/bin/sh\\necho v26\\n' >node_modules/node-here/bin/node
chmod +x node_modules/node-here/bin/node
`;

class Checkout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(context: TestContext): Promise<Checkout> {
    const folder = await mkdtemp(join(tmpdir(), "slipway setup-"));
    context.after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "scripts"));
    await mkdir(join(folder, "tools"));
    await copyFile(join(root, "scripts", "setup.sh"), join(folder, "scripts", "setup.sh"));
    await writeFile(join(folder, "package-lock.json"), "{}");
    await writeFile(join(folder, "tools", "npm"), npm);
    await chmod(join(folder, "tools", "npm"), 0o755);
    return new Checkout(folder);
  }

  setup(): Promise<CommandResult> {
    const env = { PATH: `${join(this.folder, "tools")}:/usr/bin:/bin` };
    return run("sh", [join(this.folder, "scripts", "setup.sh")], { cwd: "/", env });
  }

  /** How often npm ran. */
  async installs(): Promise<number> {
    return (await readFile(join(this.folder, "ran.txt"), "utf8")).trim().split("\n").length;
  }
}

test("it installs once per lock file, and says so", async (context) => {
  const checkout = await Checkout.create(context);
  const first = await checkout.setup();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Installing .*npm ci/);
  assert.deepEqual(await checkout.setup(), { code: 0, stdout: "", stderr: "" });
  assert.equal(await checkout.installs(), 1);
  await writeFile(join(checkout.folder, "package-lock.json"), "{ }");
  assert.equal((await checkout.setup()).code, 0);
  assert.equal(await checkout.installs(), 2);
});

test("an install that failed is not taken for one that worked", async (context) => {
  const checkout = await Checkout.create(context);
  await checkout.setup();
  await writeFile(join(checkout.folder, "package-lock.json"), "{ }");
  await writeFile(join(checkout.folder, "broken"), "");
  assert.equal((await checkout.setup()).code, 1);
  assert.equal((await checkout.setup()).code, 1);
  await rm(join(checkout.folder, "broken"));
  assert.equal((await checkout.setup()).code, 0);
  assert.equal(await checkout.installs(), 4);
});

test("two at once install once; what a killed one left does not stop the next", async (context) => {
  const checkout = await Checkout.create(context);
  const both = await Promise.all([checkout.setup(), checkout.setup()]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal(await checkout.installs(), 1);
  await rm(join(checkout.folder, "node_modules"), { recursive: true });
  // No process has this id: it is above what the kernel gives.
  await writeFile(join(checkout.folder, ".slipway", "setup.lock"), "4194305\n");
  assert.equal((await checkout.setup()).code, 0);
  assert.equal(await checkout.installs(), 2);
});

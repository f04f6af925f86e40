import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { homeProblem } from "./home-problem.ts";
import { locateHome, openHome } from "./open-home.ts";
import { longestSocketPath, sweepRuntimeDirectory } from "./runtime-directory.ts";

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("openHome makes a private home with its version, and opens it again by any of its names", () =>
  withDirectory(async (directory) => {
    const home = await openHome(join(directory, "a", "home"), { runtimeParent: directory });
    assert.deepEqual(JSON.parse(await readFile(home.schema, "utf8")), { schemaVersion: 1 });
    for (const path of [home.directory, home.bundles, home.logs, home.tls, home.runtime]) assert.equal(await modeOf(path), "700");
    assert.deepEqual((await readdir(home.directory)).sort(), ["bundles", "home.json", "logs", "tls"]);
    await symlink(home.directory, join(directory, "link"));
    assert.deepEqual(await openHome(join(directory, "link"), { runtimeParent: directory }), home);
    assert.deepEqual(await locateHome(join(directory, "link"), { runtimeParent: directory }), home);
  }));

test("openHome closes a home that others could look into", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "home");
    await mkdir(path);
    await chmod(path, 0o755);
    await openHome(path, { runtimeParent: directory });
    assert.equal(await modeOf(path), "700");
  }));

test("locateHome makes nothing", () =>
  withDirectory(async (directory) => {
    const home = await locateHome(join(directory, "home"), { runtimeParent: directory });
    assert.equal(home.state, join(directory, "home", "state.db"));
    assert.deepEqual(await readdir(directory), []);
  }));

test("openHome migrates an older home forward, one version at a time", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "home");
    const options = { runtimeParent: directory };
    await openHome(path, options);
    const ran: number[] = [];
    const migrations = [1, 2].map((from) => async () => {
      ran.push(from);
    });
    const home = await openHome(path, { ...options, migrations });
    await openHome(path, { ...options, migrations });
    assert.deepEqual(ran, [1, 2]);
    assert.deepEqual(JSON.parse(await readFile(home.schema, "utf8")), { schemaVersion: 3 });
  }));

test("openHome goes on with a migration that failed half way", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "home");
    const options = { runtimeParent: directory };
    await openHome(path, options);
    const ran: string[] = [];
    const first = async () => {
      ran.push("first");
    };
    const broken = () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
    await assert.rejects(openHome(path, { ...options, migrations: [first, broken] }), { code: "storageFull" });
    const second = async () => {
      ran.push("second");
    };
    await openHome(path, { ...options, migrations: [first, second] });
    assert.deepEqual(ran, ["first", "second"]);
  }));

test("openHome refuses a newer home and names both versions", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "home");
    const home = await openHome(path, { runtimeParent: directory });
    await writeFile(home.schema, '{"schemaVersion":7}');
    await assert.rejects(openHome(path, { runtimeParent: directory }), { code: "invalid", message: /version 7, .* up to 1\.$/ });
  }));

test("openHome refuses a directory of something else, a file, and a broken version file", () =>
  withDirectory(async (directory) => {
    const options = { runtimeParent: directory };
    const foreign = join(directory, "foreign");
    await mkdir(foreign);
    await writeFile(join(foreign, "thesis.txt"), "");
    await assert.rejects(openHome(foreign, options), { code: "invalid", message: /not empty and is not a home/ });
    assert.deepEqual(await readdir(foreign), ["thesis.txt"]);
    await assert.rejects(openHome(join(foreign, "thesis.txt"), options), { code: "invalid", message: /not a directory/ });
    await assert.rejects(openHome(join(foreign, "thesis.txt", "home"), options), { code: "invalid", message: /not a directory/ });
    const broken = join(directory, "broken");
    const home = await openHome(broken, options);
    await writeFile(home.schema, "{");
    await assert.rejects(openHome(broken, options), { code: "invalid", message: /does not hold a schema version/ });
  }));

test("openHome says in one sentence that it may not write", () =>
  withDirectory(async (directory) => {
    await chmod(directory, 0o755);
    const locked = join(directory, "locked");
    await mkdir(locked, { mode: 0o500 });
    // Root may write anywhere, so the attempt is made as somebody else.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await assert.rejects(openHome(join(locked, "home"), { runtimeParent: directory }), {
        code: "forbidden",
        message: `The home ${join(locked, "home")} cannot be used: permission denied.`,
        hint: /--home or SLIPWAY_HOME/,
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  }));

test("openHome does not hang where the system makes no directories", {
  skip: process.platform !== "linux" && "needs /proc",
}, async () => {
  for (const path of ["/proc/slipway-home", "/proc/slipway/home"]) {
    await assert.rejects(openHome(path), {
      code: "invalid",
      message: `The home ${path} cannot be made there: the file system does not allow it.`,
    });
  }
});

test("homeProblem has a code and a way out for what a disk can do", () => {
  const codes = {
    EROFS: "storageFull",
    ENOSPC: "storageFull",
    EDQUOT: "storageFull",
    EACCES: "forbidden",
    ENOTDIR: "invalid",
    EIO: "internal",
  };
  for (const [systemCode, code] of Object.entries(codes)) {
    const problem = homeProblem(Object.assign(new Error("x"), { code: systemCode }), "/somewhere");
    assert.equal(problem.code, code);
    assert.match(problem.message, /\/somewhere/);
    assert.ok((problem.hint ?? "").length > 0);
  }
});

test("openHome refuses a runtime directory whose sockets would be too long", () =>
  withDirectory(async (directory) => {
    const long = join(directory, "x".repeat(80));
    await mkdir(long);
    await assert.rejects(openHome(join(directory, "home"), { runtimeParent: long }), {
      code: "invalid",
      message: new RegExp(`bytes; this system allows ${longestSocketPath}`),
      hint: /XDG_RUNTIME_DIR/,
    });
  }));

test("openHome refuses a runtime directory that others can enter, or that is a link", () =>
  withDirectory(async (directory) => {
    const options = { runtimeParent: directory };
    const shared = join(directory, `slipway-${process.getuid?.()}`);
    await mkdir(shared);
    await chmod(shared, 0o777);
    await assert.rejects(openHome(join(directory, "home"), options), { code: "forbidden", message: /mode 0700/ });
    await chmod(shared, 0o700);
    const home = await openHome(join(directory, "home"), options);
    const elsewhere = join(directory, "elsewhere");
    await mkdir(elsewhere, { mode: 0o700 });
    const linked = await locateHome(join(directory, "linked"), options);
    await symlink(elsewhere, linked.runtime);
    await assert.rejects(openHome(join(directory, "linked"), options), { code: "forbidden" });
    assert.notEqual(home.runtime, linked.runtime, "two homes have two sets of sockets");
  }));

test("openHome uses /tmp when the runtime directory named is gone", () =>
  withDirectory(async (directory) => {
    const home = await locateHome(join(directory, "home"), { runtimeParent: join(directory, "gone") });
    assert.match(home.runtime, /^\/tmp\/slipway-\d+\/[0-9a-f]{8}$/);
  }));

test("sweepRuntimeDirectory removes what nobody answers on and nothing else", () =>
  withDirectory(async (directory) => {
    const home = await openHome(join(directory, "home"), { runtimeParent: directory });
    const server = createServer().listen(join(home.runtime, "live.sock"));
    await new Promise((resolve) => server.once("listening", resolve));
    for (const name of ["r-stale.sock", "r-stale.json", "r-kept.json"]) await writeFile(join(home.runtime, name), "");
    await sweepRuntimeDirectory(home, new Set([join(home.runtime, "r-kept.json")]));
    assert.deepEqual((await readdir(home.runtime)).sort(), ["live.sock", "r-kept.json"]);
    await new Promise((resolve) => server.close(resolve));
  }));

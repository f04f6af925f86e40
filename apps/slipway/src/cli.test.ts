import assert from "node:assert/strict";
import { test } from "node:test";
import { cliReference, createProgram } from "./cli.ts";
import { Interrupted } from "./commands/context.ts";
import { nowhere } from "./commands/nowhere.ts";
import { runForTest } from "./testing/run-cli.ts";

const nothingRuns = { ...nowhere.platform, version: "1.2.3", read: async () => undefined };

test("wrong usage exits with 2, says what is wrong on standard error, and prints no data", async () => {
  const wrong: [string[], RegExp][] = [
    [["aply"], /Unknown command 'aply'\.\nhint: Did you mean apply\?/],
    [["apply"], /'-f, --filename <file>' not specified/],
    [["get"], /missing required argument 'kind'/i],
    [["get", "models", "--outptu", "json"], /Unknown option '--outptu'\.\nhint: Did you mean --output\?/],
    [["get", "modles"], /There is no kind "modles"\.\nhint: Did you mean models\?/],
    [["get", "models", "-o", "jsn"], /Allowed choices are table, wide, json, yaml, name/],
    [["down", "now"], /Too many arguments for 'down'/],
    [["up", "--gateway-port", "65536"], /Expected a whole number from 0 to 65535/],
    [["apply", "-f", "x", "--timeout", "soon"], /Expected a duration such as 60s/],
    [["scale", "digits"], /'--replicas <count>' not specified/],
    [["scale", "digits", "--replicas", "-1"], /Expected a whole number/],
    [["build"], /Name either a model directory or, with -f, a manifest/],
    [["delete"], /Name either a kind and names or, with -f, manifests/],
    [["delete", "models"], /Which models\?/],
    [["describe", "model"], /Which model\?/],
    [["describe", "replicas", "x"], /Replicas are not objects of the API/],
    [["-o", "json", "logs", "x"], /has no flag --output/],
    [["-o", "wide", "version"], /not a format that `slipway version` has/],
    [["completion", "tcsh"], /Allowed choices are bash, zsh, fish/],
  ];
  for (const [args, message] of wrong) {
    const run = await runForTest(args, { env: { HOME: "/nowhere" }, platform: nothingRuns });
    assert.equal(run.code, 2, `slipway ${args.join(" ")}: ${run.stderr}`);
    assert.match(run.stderr, message);
    assert.equal(run.stdout, "");
  }
});

test("no command at all prints the help on standard error and exits with 2; --help prints it as data and exits with 0", async () => {
  const bare = await runForTest([]);
  assert.deepEqual([bare.code, bare.stdout], [2, ""]);
  assert.match(bare.stderr, /^Usage: slipway/);
  const help = await runForTest(["--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /deploy|apply/);
});

test("every command has a summary, a description and examples in its help", async () => {
  for (const command of (await createProgram()).commands.filter((other) => !other.name().startsWith("__"))) {
    assert.notEqual(command.summary(), "", command.name());
    const run = await runForTest([command.name(), "--help"]);
    assert.equal(run.code, 0);
    assert.match(run.stdout, new RegExp(`Examples:\\n  # .+\\n  .*slipway .*${command.name()}`), command.name());
  }
});

test("errors are JSON when JSON is asked for, wherever the flag stands", async () => {
  for (const args of [
    ["get", "models", "-o", "json"],
    ["-o", "json", "get", "models"],
    ["get", "models", "--output=json"],
  ]) {
    const run = await runForTest(args, { env: { SLIPWAY_HOME: "/nowhere/home" }, platform: nothingRuns });
    assert.equal(run.code, 7);
    const { error } = JSON.parse(run.stderr);
    assert.equal(error.code, "unavailable");
    assert.match(error.message, /\/nowhere\/home/);
    assert.match(error.hint, /slipway up --detach/);
  }
});

test("--home wins over SLIPWAY_HOME, that over HOME; without any the error names all three", async () => {
  const asked: string[] = [];
  const platform = {
    ...nothingRuns,
    read: async (home: string) => {
      asked.push(home);
      return undefined;
    },
  };
  const env = { SLIPWAY_HOME: "state", HOME: "/users/ada" };
  await runForTest(["get", "models", "--home", "/given"], { env, platform, cwd: "/here" });
  await runForTest(["--home", "/before", "get", "models"], { env, platform, cwd: "/here" });
  await runForTest(["get", "models"], { env, platform, cwd: "/here" });
  await runForTest(["get", "models"], { env: { HOME: "/users/ada", SLIPWAY_HOME: "" }, platform });
  assert.deepEqual(asked, ["/given", "/before", "/here/state", "/users/ada/.slipway"]);
  const none = await runForTest(["get", "models"], { env: {}, platform });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /neither --home nor SLIPWAY_HOME is given, and HOME is not set/);
});

test("up prints where everything is once it is ready, as JSON on one line for scripts", async () => {
  const info = { gateway: "http://127.0.0.1:1", api: "https://127.0.0.1:2", kubeconfig: "/h/kubeconfig", pid: 7 };
  const asked: unknown[] = [];
  const platform = {
    ...nothingRuns,
    startDetached: async (options: unknown) => {
      asked.push(options);
      return info;
    },
  };
  const run = await runForTest(["up", "--detach", "--gateway-port", "0", "-o", "json", "--home", "/h"], { platform });
  assert.deepEqual([run.code, run.stderr, asked], [0, "", [{ home: "/h", gatewayPort: 0 }]]);
  assert.deepEqual(JSON.parse(run.stdout), info);
});

test("a command that was interrupted exits as shells expect, whatever it was doing", async () => {
  const stop = new AbortController();
  const platform = {
    ...nothingRuns,
    up: async () => {
      stop.abort(new Interrupted("SIGINT"));
    },
  };
  const run = await runForTest(["up", "--home", "/h"], { platform, signal: stop.signal });
  assert.equal(run.code, 130);
  assert.equal((await runForTest(["get", "models", "--home", "/h"], { platform, signal: stop.signal })).code, 130);
});

test("a service that was asked to end by SIGTERM and did so is done", async () => {
  const stop = new AbortController();
  const platform = { ...nothingRuns, up: async () => stop.abort(new Interrupted("SIGTERM")) };
  assert.equal((await runForTest(["up", "--home", "/h"], { platform, signal: stop.signal })).code, 0);
  const cut = { ...nothingRuns, down: () => Promise.reject(stop.signal.reason) };
  assert.equal((await runForTest(["down", "--home", "/h"], { platform: cut, signal: stop.signal })).code, 143);
});

test("a fault of our own says so without a stack, and with one when SLIPWAY_DEBUG is set", async () => {
  const platform = { ...nothingRuns, down: async () => Promise.reject(new Error("boom")) };
  const run = await runForTest(["down", "--home", "/h"], { platform });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /An internal error occurred: boom/);
  assert.doesNotMatch(run.stderr, /at /);
  assert.match((await runForTest(["down", "--home", "/h"], { platform, env: { SLIPWAY_DEBUG: "1" } })).stderr, /\n {4}at /);
});

test("the reference names every command and every flag", async () => {
  const program = await createProgram();
  const text = cliReference(program);
  for (const command of program.commands.filter((other) => !other.name().startsWith("__"))) {
    assert.ok(text.includes(`\n## slipway ${command.name()}\n`), command.name());
    for (const option of command.options) assert.ok(text.includes(`\`${option.flags}\``), `${command.name()} ${option.flags}`);
  }
  assert.ok(!text.includes("__complete"));
});

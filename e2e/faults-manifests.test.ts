// Wrong manifests, hurried users and hostile terminals (catalogue F): a sentence, a documented exit code, and nothing half done.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { manifest, requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { noStack } from "./harness/no-stack.ts";
import { type CommandResult, root, run, TestPlatform } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

let digits: DigitsPlatform;
let scratch: ScratchFolder;
before(async () => {
  scratch = await ScratchFolder.create();
  digits = await DigitsPlatform.up();
});
after(async () => {
  await digits.platform.destroy();
  await scratch.remove();
});

const launcher = join(root, "bin", "slipway");
const late = (text: string) => text.replace("name: digits", "name: late");

async function names(kind: string): Promise<string[]> {
  const { items } = await digits.platform.json<{ items: { metadata: { name: string } }[] }>("get", kind);
  return items.map((item) => item.metadata.name).sort();
}

function sentence(result: CommandResult): void {
  assert.notEqual(result.stderr.trim(), "");
  noStack(result);
  assert.ok(result.stderr.length < 20_000, "an error is not as long as what was wrong");
}

describe("manifests are refused with the field, and nothing is applied", () => {
  const add = (lines: string) => (text: string) => `${text}${lines}`;
  const cases: [title: string, edit: (text: string) => string, message: RegExp][] = [
    ["F2 a tag that runs code", add('  parameters: { a: !!js/function "function () {}" }\n'), /tag|js\/function/],
    ["F2 a tag of one's own", add("  parameters: !python/object:os.system { a: b }\n"), /tag|python/],
    ["F2 a merge key", (text) => `base: &b { a: 1 }\n${text}  <<: *b\n`, /base|<</],
    ["F2 a tab for indentation", add("\tparameters: {}\n"), /line|tab/i],
    ["F2 the same key twice", add("  scaling: {}\n"), /scaling|unique|twice/],
    [
      "F2 aliases of aliases of aliases",
      (text) =>
        `${Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${level === 0 ? "x" : `*a${level - 1}, *a${level - 1}, *a${level - 1}, *a${level - 1}`}]`).join("\n")}\n${text}`,
      /./,
    ],
    [
      "F2 a boolean of YAML 1.1 where text is wanted stays text, as a number it is wrong",
      (text) => text.replace("minReplicas: 1", "minReplicas: yes"),
      /minReplicas/,
    ],
    ["F3 an unknown field", (text) => text.replace("cpu:", "cpus:"), /spec\.resources\.cpus/],
    ["F3 a list where an object is wanted", (text) => text.replace(/ {2}source:\n.*\n/, "  source: []\n"), /spec\.source/],
    ["F3 a number where text is wanted", (text) => text.replace("name: digits", "name: 5"), /metadata\.name/],
    ["F3 an object of 1.5 MB", add(`  parameters: { a: "${"x".repeat(1_500_000)}" }\n`), /./],
    ["F3 nested 10,000 deep", add(`  parameters: ${"[".repeat(10_000)}${"]".repeat(10_000)}\n`), /./],
    ["F8 a share of -1", add("  traffic: [{ revision: digits-0000000000, percent: -1 }]\n"), /percent/],
    ["F8 a share of 101", add("  traffic: [{ revision: digits-0000000000, percent: 101 }]\n"), /percent/],
    [
      "F8 shares of 90",
      add("  traffic: [{ revision: a-0000000000, percent: 40 }, { revision: b-0000000000, percent: 50 }]\n"),
      /traffic.*100/s,
    ],
    ["F8 a share that is no number", add("  traffic: [{ revision: digits-0000000000, percent: .nan }]\n"), /percent/],
    [
      "F8 a revision twice",
      add("  traffic: [{ revision: a-0000000000, percent: 50 }, { revision: a-0000000000, percent: 50 }]\n"),
      /traffic/,
    ],
    ["F9 at least more than at most", (text) => text.replace("minReplicas: 1", "minReplicas: 5"), /minReplicas|maxReplicas/],
    ["F9 a million replicas", (text) => text.replace("maxReplicas: 4", "maxReplicas: 1000000"), /maxReplicas/],
    ["F9 no CPU", (text) => text.replace("cpu: 500m", "cpu: 0"), /cpu/],
    ["F9 negative memory", (text) => text.replace("memory: 512Mi", "memory: -1Mi"), /memory/],
    ["F9 1e9Gi of memory", (text) => text.replace("memory: 512Mi", "memory: 1e9Gi"), /memory/],
    [
      "a GPU for a runner that computes on CPUs",
      (text) => text.replace("cpu: 500m", "gpu: { name: nvidia.com/gpu, count: 1 }"),
      /-:\d+:\d+: spec\.resources\.gpu: the ONNX runner computes on CPUs only/,
    ],
    [
      "a parameter that the runner does not have",
      add(`  parameters: { threads: "2" }\n`),
      /-:\d+:\d+: spec\.parameters\.threads: the ONNX runner has no such parameter/,
    ],
    [
      "a Secret's value on one machine",
      add("  secrets: [{ name: hub, env: HUB_TOKEN }]\n"),
      /secrets: not on one machine yet: .*--context/,
    ],
    [
      "a Secret's value in a manifest",
      add("  secrets: [{ name: hub, env: A, value: x }]\n"),
      /value: unknown field; expected one of name, key, env, file/,
    ],
    [
      "egress to a host name",
      add("  network: { egress: [{ host: db.example, ports: [5432] }] }\n"),
      /host: unknown field; expected one of cidr/,
    ],
    ["F9 a unit that is none", (text) => text.replace("memory: 512Mi", "memory: 512MB"), /memory/],
  ];
  const version = async () =>
    (await digits.platform.json<{ metadata: { resourceVersion: string } }>("get", "model", "digits")).metadata.resourceVersion;
  let untouched: string;
  before(async () => {
    untouched = await version();
  });
  after(async () => {
    assert.equal(await version(), untouched, "the model was not touched");
  });
  for (const [title, edit, message] of cases) {
    test(title, async () => {
      const result = await digits.platform.slipway(["apply", "-f", "-"], manifest("v1", edit));
      assert.equal(result.code, 5, result.stderr.slice(0, 2_000));
      assert.match(result.stderr, message);
      sentence(result);
    });
  }

  test("F2 a thousand documents, the last one wrong: told within seconds, and none is applied", async () => {
    const good = Array.from({ length: 1_000 }, (_, index) =>
      manifest("v1", (text) => text.replace("name: digits", `name: m${index}`)),
    );
    const result = await digits.platform.slipway(["apply", "-f", "-"], [...good, "kind: Nothing\n"].join("---\n"));
    assert.equal(result.code, 5, result.stderr.slice(0, 500));
    sentence(result);
    assert.deepEqual(await names("models"), ["digits"]);
  });

  test("F2 what YAML 1.1 read otherwise is text here: no, on, 0o17, 12:30", async () => {
    // An annotation is text and nothing else.
    const labelled = (labels: string) => (text: string) => text.replace("name: digits", `name: digits\n  annotations: ${labels}`);
    const result = await digits.platform.slipway(
      ["apply", "-f", "-", "--dry-run"],
      manifest("v1", labelled("{ a: no, b: on, d: 12:30 }")),
    );
    const quoted = await digits.platform.slipway(
      ["apply", "-f", "-", "--dry-run"],
      manifest("v1", labelled('{ a: "no", b: "on", c: "0o17", d: "12:30" }')),
    );
    assert.equal(quoted.code, 0, quoted.stderr);
    assert.equal(result.code, 0, result.stderr);
    await digits.nextGoodRequest();
  });
});

describe("objects that come and go", () => {
  test("F5 deleted and made again at once: another uid, other processes", async () => {
    const identity = async () => {
      const model = await digits.platform.json<{ metadata: { uid: string } }>("get", "model", "late");
      const { items } = await digits.platform.json<{ items: { model: string; pid: number }[] }>("get", "replicas");
      return { uid: model.metadata.uid, pids: items.filter((item) => item.model === "late").map((item) => item.pid) };
    };
    const apply = async () => {
      const result = await digits.platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1", late));
      assert.equal(result.code, 0, result.stderr);
    };
    await apply();
    const first = await identity();
    await digits.platform.ok("delete", "model", "late");
    await apply();
    const second = await identity();
    assert.notEqual(second.uid, first.uid);
    for (const pid of second.pids) assert.ok(!first.pids.includes(pid), "a process of the deleted model serves the new one");
    assert.equal((await digits.infer(requestFor([1]), {}, "/v2/models/late/infer")).status, 200);
  });

  test("F6 deleted in the middle of a roll-out: everything of it ends", async () => {
    const change = await digits.platform.slipway(["apply", "-f", "-"], manifest("v2", late));
    assert.equal(change.code, 0, change.stderr);
    await digits.platform.ok("delete", "model", "late");
    await eventually("its revisions and replicas are gone", 20, async () => {
      const left = [...(await names("revisions")), ...(await names("replicas"))].filter((name) => name.startsWith("late"));
      return left.length === 0;
    });
    await eventually(
      "its processes are gone",
      20,
      async () => !(await digits.platform.processes()).some(({ command }) => command.includes(" late-")),
    );
    await digits.nextGoodRequest();
  });

  test("F6 a finalizer that nobody takes away: the model says so, serves until then, and goes with it", async () => {
    const held = (text: string) => late(text).replace("name: late", "name: late\n  finalizers: [example.com/hold]");
    const applied = await digits.platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1", held));
    assert.equal(applied.code, 0, applied.stderr);
    const deletion = await digits.platform.slipway(["delete", "model", "late", "--timeout", "1s"]);
    assert.notEqual(deletion.code, 0, "it cannot be gone yet");
    sentence(deletion);
    const model = await digits.platform.json<{ metadata: { deletionTimestamp?: string } }>("get", "model", "late");
    assert.ok(model.metadata.deletionTimestamp !== undefined);
    const freed = await digits.platform.slipway(
      ["apply", "-f", "-"],
      manifest("v1", (text) => late(text).replace("name: late", "name: late\n  finalizers: []")),
    );
    assert.equal(freed.code, 0, freed.stderr);
    await eventually("it is gone with everything it owned", 20, async () => {
      const left = [...(await names("models")), ...(await names("revisions")), ...(await names("replicas"))];
      return !left.some((name) => name.startsWith("late"));
    });
  });

  test("F8 traffic to a revision that is not there keeps the ready one", async () => {
    const result = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait", "--timeout", "3s"],
      manifest("v1", (text) => `${text}  traffic: [{ revision: digits-0000000000, percent: 100 }]\n`),
    );
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /digits-0000000000/);
    await digits.nextGoodRequest();
    assert.equal((await digits.platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"))).code, 0);
    await digits.nextGoodRequest();
  });
});

describe("F11 terminals, pipes and environments", () => {
  const environment = () => ({ SLIPWAY_HOME: digits.platform.home });

  test("Ctrl-C while it waits: its exit code says so, and the platform goes on", async () => {
    const path = await scratch.digitsDirectory("interrupted");
    const child = spawn(launcher, ["apply", "-f", "-", "--wait"], {
      env: { ...process.env, ...environment() },
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once("exit", (code, signal) => resolve([code, signal])),
    );
    // A model that nobody built: it waits for what never comes.
    child.stdin.end(
      manifest("v1", (text) =>
        late(text)
          .replace(/path: .*/, `path: ${path}`)
          .replace("minReplicas: 1", "minReplicas: 4"),
      ),
    );
    await eventually("it waits", 15, async () => said.includes("late:"));
    child.kill("SIGINT");
    const [code, signal] = await ended;
    assert.equal(signal ?? code, 130);
    assert.doesNotMatch(said, /^\s+at /m);
    await digits.platform.ok("delete", "model", "late");
    await digits.nextGoodRequest();
  });

  test("Ctrl-C of up in the foreground ends everything it started", async (t) => {
    const other = await TestPlatform.create();
    t.after(() => other.destroy());
    for (const when of ["ready", "starting"] as const) {
      const child = spawn(launcher, ["up", "--gateway-port", "0", "--api-port", "0"], {
        env: { ...process.env, SLIPWAY_HOME: other.home },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
      await eventually(when, 15, async () =>
        when === "ready" ? printed.includes("gateway") : (await other.processes()).length > 1,
      );
      child.kill("SIGINT");
      const code = await ended;
      assert.ok(code === 0 || code === 130, `${when}: exit ${code}`);
      await eventually("nothing is left", 5, async () => (await other.processes()).length === 0);
    }
  });

  test("a reader that leaves early is no failure, and nothing is said", async () => {
    for (const command of ["get models", "get models -o json", "describe model digits", "events", "--help"]) {
      const result = await run("sh", ["-c", `"$0" ${command} | true; wait`, launcher], { env: environment() });
      assert.equal(result.stderr, "", command);
    }
    const closed = await run("sh", ["-c", `"$0" get models >&-; echo $? >&2`, launcher], { env: environment() });
    assert.doesNotMatch(closed.stderr, /^\s+at /m);
  });

  test("no HOME, no TERM, LANG=C, one column, proxies that are dead, a directory that is read-only or gone", async () => {
    const cases: [title: string, prefix: string][] = [
      ["no HOME", "unset HOME XDG_CACHE_HOME XDG_RUNTIME_DIR;"],
      ["HOME that is not there", "HOME=/nonexistent;"],
      ["LANG=C and no TERM", "unset TERM; export LANG=C LC_ALL=C;"],
      ["one column", "export COLUMNS=1;"],
      [
        "dead proxies",
        "export HTTP_PROXY=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 NODE_USE_ENV_PROXY=1;",
      ],
      ["a directory that may not be written", "cd /proc;"],
      ["a directory that is gone", `mkdir "$1/gone"; cd "$1/gone"; rmdir "$1/gone";`],
    ];
    for (const [title, prefix] of cases) {
      const result = await run(
        "sh",
        [
          "-c",
          `${prefix} "$0" get models && printf '%s' "$2" | "$0" predict digits -f -`,
          launcher,
          scratch.path,
          requestFor([1]),
        ],
        { env: environment() },
      );
      assert.equal(result.code, 0, `${title}: ${result.stderr}`);
      assert.match(result.stdout, /digits/, title);
    }
  });

  test("no HOME and no SLIPWAY_HOME: a sentence with the way out", async () => {
    const result = await run("sh", ["-c", `unset HOME SLIPWAY_HOME XDG_DATA_HOME XDG_STATE_HOME; "$0" get models`, launcher]);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /--home|SLIPWAY_HOME|slipway up/);
    sentence(result);
  });
});

describe("watches and versions", () => {
  test("F14 a watch from 0, from nowhere, and from what is not kept any more", async () => {
    const token = (await readFile(join(digits.platform.home, "token"), "utf8")).trim();
    const watch = async (version: string) => {
      const url = `${digits.platform.api}/apis/slipway.dev/v1alpha1/namespaces/default/models?watch=1&timeoutSeconds=1&resourceVersion=${version}`;
      const { stdout } = await run(
        "curl",
        ["-sk", "-m", "5", "-w", "\n%{http_code}", "-H", `Authorization: Bearer ${token}`, url],
        { env: {} },
      );
      const lines = stdout.trimEnd().split("\n");
      return { status: Number(lines.at(-1)), events: lines.slice(0, -1).filter((line) => line !== "") };
    };
    const initial = await watch("0");
    assert.equal(initial.status, 200);
    assert.ok(initial.events.some((line) => line.includes('"ADDED"') && line.includes('"digits"')));
    for (const version of ["abc", "-1", "1.5"]) assert.equal((await watch(version)).status, 400, version);
    const future = await watch("99999999999");
    assert.ok(
      future.status >= 400 || future.events.length === 0 || future.events[0]!.includes('"ERROR"'),
      JSON.stringify(future),
    );
    await digits.nextGoodRequest();
  });

  test("F12 a state database of a newer version is refused with both versions named", async (t) => {
    const other = await TestPlatform.create();
    t.after(() => other.destroy());
    await other.start();
    await other.ok("down");
    const database = new DatabaseSync(join(other.home, "state.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    const result = await other.slipway(["up", "--detach", "--gateway-port", "0", "--api-port", "0"]);
    assert.equal(result.code, 5, result.stderr);
    assert.match(result.stderr, /999/);
    sentence(result);
    await eventually("nothing of it is left", 5, async () => (await other.processes()).length === 0);
  });
});

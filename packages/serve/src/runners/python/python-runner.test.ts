import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { SlipwayError } from "@slipway/base";
import { startPython, testPythonMissing } from "../../../fixtures/python-model.ts";
import { tensorJson } from "../../../fixtures/start-fixture.ts";
import type { Replica } from "../../replica/replica.ts";

const patient = { cancelled: false, deadlineAt: undefined };

/** Hints for a model of one input and one output of a type. */
const hints = (type: string) => `
from typing import Annotated, TypedDict
import numpy
from numpy.typing import NDArray
class In(TypedDict):
    x: Annotated[NDArray[numpy.${type}], (-1,)]
class Out(TypedDict):
    y: Annotated[NDArray[numpy.${type}], (-1,)]
`;

/** A model of numbers whose `predict` has this body. */
const model = (body: string, type = "float64") => `${hints(type)}
import os, sys, threading
class Model:
    def predict(self, inputs: In) -> Out:
        x = inputs["x"]
        ${body.trim().replaceAll("\n", "\n        ")}
`;

async function ask(replica: Replica, data: readonly unknown[], datatype = "FP64", caller = patient) {
  const body = Buffer.from(JSON.stringify({ inputs: [tensorJson("x", datatype, [data.length], data)] }));
  const answer = await replica.handle({ model: "m", operation: "infer", headers: {}, body, caller });
  const { outputs, error } = JSON.parse(answer.body.toString()) as { outputs?: { data: unknown[] }[]; error?: string };
  return { status: answer.status, data: outputs?.[0]?.data, error: error ?? "" };
}

async function startError(
  t: TestContext,
  source: string,
  options: Parameters<typeof startPython>[2] = {},
): Promise<SlipwayError> {
  return startPython(t, source, options).then(
    () => assert.fail("it started"),
    (error) => {
      assert.ok(error instanceof SlipwayError, String(error));
      return error;
    },
  );
}

describe("a Python model", { skip: testPythonMissing }, () => {
  it("answers every datatype as it came", async (t) => {
    const cases = [
      ["bool_", "BOOL", [true, false]],
      ["uint8", "UINT8", [0, 255]],
      ["uint16", "UINT16", [65535]],
      ["uint32", "UINT32", [4294967295]],
      ["uint64", "UINT64", [1, 18014398509481984]],
      ["int8", "INT8", [-128]],
      ["int16", "INT16", [-32768]],
      ["int32", "INT32", [-5]],
      ["int64", "INT64", [-9007199254740991]],
      ["float16", "FP16", [1.5, -65504]],
      ["float32", "FP32", [0.25]],
      ["float64", "FP64", [0.1, 1e300]],
      ["object_", "BYTES", ["", "ä\0b", "日本"]],
    ] as const;
    const field = ([type, name]: readonly [string, string, readonly unknown[]]) =>
      `    ${name}: Annotated[NDArray[numpy.${type}], (-1,)]\n`;
    const source = `
from typing import Annotated, TypedDict
import numpy
from numpy.typing import NDArray
class All(TypedDict):
${cases.map(field).join("")}
class Model:
    def predict(self, inputs: All) -> All:
        return inputs
`;
    const { replica } = await startPython(t, source);
    for (const empty of [false, true]) {
      const inputs = cases.map(([, name, data]) => tensorJson(name, name, [empty ? 0 : data.length], empty ? [] : data));
      const body = Buffer.from(JSON.stringify({ inputs }));
      const answer = await replica.handle({ model: "m", operation: "infer", headers: {}, body, caller: patient });
      assert.deepEqual((JSON.parse(answer.body.toString()) as { outputs: unknown }).outputs, inputs);
    }
  });

  it("fails one request by an exception, and goes on in the same process", async (t) => {
    const source = model('if x[0] < 0: raise ValueError("no negative numbers")\nreturn {"y": x * 0 + os.getpid()}');
    const { replica, lines } = await startPython(t, source, { parameters: { maxBatchSize: "1" } });
    const before = await ask(replica, [1]);
    const failed = await ask(replica, [-1]);
    assert.equal(failed.status, 500);
    assert.match(failed.error, /The model failed: ValueError: no negative numbers/);
    assert.deepEqual(await ask(replica, [1]), before);
    assert.ok(
      lines.some(({ stream, text }) => stream === "stderr" && /ValueError: no negative/.test(String(text))),
      "the traceback is in the log",
    );
  });

  it("contains a memory error", async (t) => {
    const { replica } = await startPython(t, model('if x[0] == 7: numpy.ones(2**46)\nreturn {"y": x}'));
    assert.match((await ask(replica, [7])).error, /MemoryError/);
    assert.equal((await ask(replica, [1])).status, 200);
  });

  for (const [name, how, message] of [
    ["an exit", "os._exit(3)", /ended unexpectedly, with exit code 3/],
    ["sys.exit", "sys.exit(4)", /ended unexpectedly, with exit code 4/],
    ["a kill, as when memory is short", "os.kill(os.getpid(), 9)", /was killed \(SIGKILL\).* more memory/],
    [
      "an exit that leaves a child behind",
      "os.fork() or threading.Event().wait(3); os._exit(5)",
      /ended unexpectedly, with exit code 5/,
    ],
    ["a segmentation fault", "import ctypes; ctypes.string_at(0)", /ended unexpectedly, by SIGSEGV/],
  ] as const) {
    it(`survives ${name}: that request fails, the next has a new process`, async (t) => {
      const { replica } = await startPython(t, model(`if x[0] == 7: ${how}\nreturn {"y": x * 0 + os.getpid()}`));
      const before = await ask(replica, [1]);
      const failed = await ask(replica, [7]);
      assert.equal(failed.status, 500);
      assert.match(failed.error, message);
      const after = await ask(replica, [1]);
      assert.equal(after.status, 200);
      assert.notDeepEqual(after.data, before.data);
      assert.equal(replica.state, "ready");
    });
  }

  it("ends a run that takes too long", async (t) => {
    const source = model('if x[0] == 7: threading.Event().wait()\nreturn {"y": x}');
    const { replica } = await startPython(t, source, { parameters: { predictTimeout: "300ms" } });
    const failed = await ask(replica, [7]);
    assert.equal(failed.status, 504);
    assert.match(failed.error, /did not answer within 0\.3 s; its process was ended/);
    assert.equal((await ask(replica, [1])).status, 200);
  });

  it("fails as a whole when its process ends again and again", async (t) => {
    const { replica } = await startPython(t, model('if x[0] == 7: os._exit(3)\nreturn {"y": x}'));
    for (let time = 0; time < 5; time += 1) await ask(replica, [7]);
    assert.match((await replica.failed).message, /ended 5 times within a minute; the last time: .*exit code 3/);
    assert.match((await ask(replica, [1])).error, /model worker has died/);
  });

  it("prints to the log, never into an answer", async (t) => {
    const body = `
print("hello", x[0])
sys.stderr.write("careful\\n")
os.write(1, bytes(range(256)) * 50)
os.write(1, b"\\n" + b"z" * 20000 + b"\\n")
return {"y": x}`;
    const { replica, lines } = await startPython(t, model(body), { parameters: { maxBatchSize: "1" } });
    assert.deepEqual(await ask(replica, [5]), { status: 200, data: [5], error: "" });
    await replica.close();
    const written = (stream: string) => lines.filter((line) => line.stream === stream).map(({ text }) => String(text));
    assert.ok(written("stdout").includes("hello 5.0"));
    assert.ok(written("stderr").includes("careful"));
    assert.deepEqual(
      written("stdout")
        .filter((text) => /^z+$/.test(text))
        .slice(-3)
        .map(({ length }) => length),
      [8192, 8192, 3616],
    );
  });

  it("gives load the path, the parameters that are not ours, and a log", async (t) => {
    const source = `${hints("float64")}
class Model:
    def load(self, context):
        context.logger.warning("factor %s", context.parameters["factor"])
        self.factor = float(context.parameters["factor"]) * float((context.path / "number.txt").read_text())
    def predict(self, inputs: In) -> Out:
        return {"y": inputs["x"] * self.factor}
`;
    const { replica, lines } = await startPython(t, source, {
      parameters: { factor: "3", instances: "1" },
      files: { "number.txt": "2" },
    });
    assert.deepEqual((await ask(replica, [1, 2])).data, [6, 12]);
    assert.ok(lines.some(({ level, text }) => level === "warn" && text === "factor 3"));
  });

  it("runs async requests at once", async (t) => {
    const source = `${hints("float64")}
import asyncio
class Model:
    def __init__(self):
        self.waiting = {}
    async def predict(self, inputs: In) -> Out:
        number = inputs["x"][0]
        if number > 0:
            mine, other = (self.waiting.setdefault(each, asyncio.Event()) for each in (number, 3 - number))
            mine.set()
            await other.wait()
        return {"y": inputs["x"] * 10}
`;
    const { replica } = await startPython(t, source, { parameters: { maxBatchSize: "1" } });
    const [one, two] = await Promise.all([ask(replica, [1]), ask(replica, [2])]);
    assert.deepEqual([one.data, two.data], [[10], [20]]);
  });

  for (const [name, prefix] of [
    ["a generator", ""],
    ["an async generator", "async "],
  ]) {
    it(`joins what ${name} yields`, async (t) => {
      const source = `${hints("float64")}
from collections.abc import Iterator
class Model:
    ${prefix}def predict(self, inputs: In) -> Iterator[Out]:
        for each in inputs["x"]:
            yield {"y": numpy.array([each, -each])}
`;
      const { replica } = await startPython(t, source);
      assert.deepEqual(await ask(replica, [1, 2]), { status: 200, data: [1, -1, 2, -2], error: "" });
    });
  }

  it("takes and gives large tensors through shared memory, and leaves none behind", async (t) => {
    const folders = () => readdirSync("/dev/shm").filter((name) => name.startsWith(`slipway-${process.pid}-`));
    const { replica } = await startPython(t, model('return {"y": x + 1}'));
    const data = Array.from({ length: 300_000 }, (_, index) => index);
    const answer = await ask(replica, data);
    assert.deepEqual(
      answer.data,
      data.map((value) => value + 1),
    );
    const [folder] = folders();
    assert.deepEqual(readdirSync(`/dev/shm/${folder}`), []);
    await replica.close();
    assert.deepEqual(folders(), []);
  });

  it("may keep its inputs: nobody writes to them again", async (t) => {
    const source = `${hints("float64")}
class Model:
    def __init__(self):
        self.kept = []
    def predict(self, inputs: In) -> Out:
        self.kept.append(inputs["x"])
        return {"y": numpy.array([each[0] for each in self.kept if len(each) == len(inputs["x"])])}
`;
    const { replica } = await startPython(t, source, { parameters: { maxBatchSize: "1" } });
    for (const length of [2, 20_000]) {
      for (const value of [11, 12, 13]) await ask(replica, new Array(length).fill(value));
      assert.deepEqual((await ask(replica, new Array(length).fill(14))).data, [11, 12, 13, 14]);
    }
  });

  it("answers requests that went together each by itself when one of them is at fault", async (t) => {
    const source = model('if (x == 7).any(): raise ValueError("seven")\nthreading.Event().wait(0.05)\nreturn {"y": x * 2}');
    const { replica, lines } = await startPython(t, source);
    assert.ok(
      lines.some(({ message }) => message === "requests share runs"),
      JSON.stringify(lines),
    );
    const first = ask(replica, [0]);
    const answers = await Promise.all([first, ...[1, 7, 3, 4].map((value) => ask(replica, [value]))]);
    assert.deepEqual(
      answers.map(({ data, status }) => data?.[0] ?? status),
      [0, 2, 500, 6, 8],
    );
  });

  it("says what is wrong with an output", async (t) => {
    const body = `
if x[0] == 1: return {"z": x}
if x[0] == 2: return [x]
if x[0] == 3: return {"y": x.astype("float32")}
if x[0] == 4: return {"y": x.reshape(1, -1)}
if x[0] == 5: return {"y": ["text"]}
return {"y": x.astype("complex128")}`;
    const { replica } = await startPython(t, model(body));
    const errors = [
      /gave no output "y"; it gave "z"/,
      /gave list instead of/,
      undefined,
      /has the shape \[1, 1\]/,
      /has the type <U4/,
      /complex128, not float64/,
    ];
    for (const [index, error] of errors.entries()) {
      const answer = await ask(replica, [index + 1]);
      if (error === undefined) assert.deepEqual(answer.data, [3], "a float32 fits into a float64");
      else assert.match(answer.error, error);
    }
  });
});

describe("a Python model that cannot be served", { skip: testPythonMissing }, () => {
  for (const [name, source, message] of [
    ["fails to load", "raise RuntimeError('no weights')", /does not load: RuntimeError: no weights/],
    ["is no Python", "class Model(:", /does not load: .*SyntaxError/s],
    ["lacks a package", "import nothing_such", /does not load: ModuleNotFoundError: No module named 'nothing_such'/],
    ["has no class Model", "x = 1", /has no class Model/],
    ["has no predict", "class Model: pass", /has no method predict/],
    ["does not say what its tensors are", "class Model:\n  def predict(self, inputs): return {}", /Nothing says which inputs/],
    ["ends while it is loaded", "import os; os._exit(9)", /ended unexpectedly, with exit code 9/],
    [
      "has a hint without a shape",
      model("return inputs").replaceAll(/Annotated\[(.*), \(-1,\)\]/g, "$1"),
      /type hint In\.x does not say the shape/,
    ],
  ] as const) {
    it(`is refused when it ${name}`, async (t) => {
      assert.match((await startError(t, source)).message, message);
    });
  }

  it("takes the signature that is declared, or that samples show", async (t) => {
    const source = 'class Model:\n    def predict(self, inputs): return {"y": inputs["x"]}\n';
    const tensor = (name: string) => ({ name, datatype: "FP64" as const, shape: [-1] });
    const declared = await startPython(t, source, { signature: { inputs: [tensor("x")], outputs: [tensor("y")] } });
    assert.deepEqual((await ask(declared.replica, [1, 2])).data, [1, 2]);
    const sample = {
      request: { inputs: [tensorJson("x", "FP64", [2], [1, 2])] },
      response: { outputs: [tensorJson("y", "FP64", [2], [1, 2])] },
    };
    const shown = await startPython(t, source, { files: { "samples/1.json": JSON.stringify(sample) } });
    assert.deepEqual((await ask(shown.replica, [1, 2, 3])).data, [1, 2, 3]);
  });

  it("is refused when hints and declaration differ", async (t) => {
    const tensor = { name: "x", datatype: "FP32" as const, shape: [-1] };
    const error = await startError(t, model('return {"y": x}'), {
      signature: { inputs: [tensor], outputs: [{ ...tensor, name: "y" }] },
    });
    assert.match(error.message, /declared signature is not the model's: spec\.signature\.inputs\[0\]/);
  });
});

// Bad gRPC (catalogue A16, A23) at both doors: the fitting status, the next good call within a second, and nothing left behind.
import assert from "node:assert/strict";
import { connect } from "node:http2";
import { after, before, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { type Door, Doors } from "./clients/doors.ts";
import { floatsOf } from "./conformance/binary.ts";
import { encode, GrpcClient, inference } from "./conformance/grpc-client.ts";
import { grpcInfer, grpcRequest, grpcStillAnswers, modelInfer } from "./conformance/grpc-infer.ts";
import { Target } from "./conformance/target.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { RawConnection } from "./harness/raw-connection.ts";

let doors: Doors;
before(async () => {
  doors = await Doors.open();
});
after(() => doors.close());

for (const name of ["serve", "gateway"] as const) {
  describe(`at ${name}`, () => {
    let target: Target;
    before(async () => {
      const { url, model, address } = doors[name];
      target = new Target({ url: new URL(url), model, grpc: new GrpcClient(address) });
      await target.prepare();
    });
    after(() => target.close());
    const door = () => doors[name];

    async function nextGoodCall(): Promise<void> {
      const started = systemClock.monotonic();
      await grpcStillAnswers(target);
      const took = systemClock.monotonic() - started;
      assert.ok(took <= 1_000, `the next good call took ${Math.round(took)} ms`);
    }

    test("A23 a message above the limit is RESOURCE_EXHAUSTED", async () => {
      const bytes = floatsOf(new Array<number>(17_000_000).fill(1));
      const outcome = await grpcInfer(target, {
        raw: true,
        tensors: { fp32: { shape: [8_500_000, 2], bytes } },
        outputs: ["fp32_out"],
      });
      assert.equal(outcome.code, 8, outcome.details);
      await nextGoodCall();
    });

    test("A23 a length that claims four gigabytes is refused before anything comes", async () => {
      for (let round = 0; round < amount(20, 200); round++) {
        assert.ok(refused(await wire(door(), modelInfer.path, {}, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]))));
      }
      await nextGoodCall();
    });

    test("A23 a prefix that is cut, a message that is cut, and none at all", async () => {
      for (const body of [Buffer.from([0, 0, 0]), Buffer.from([0, 0, 0, 0, 9, 1]), Buffer.alloc(0)]) {
        assert.ok(refused(await wire(door(), modelInfer.path, {}, body)), body.toString("hex"));
      }
      await nextGoodCall();
    });

    test("A23 the compressed flag without a codec is INTERNAL, an unknown codec UNIMPLEMENTED", async () => {
      const message = encode(modelInfer.request, grpcRequest(target, { outputs: ["fp32_out"] }));
      const flagged = await wire(door(), modelInfer.path, {}, frame(message, 1));
      assert.equal(flagged.status, 13, JSON.stringify(flagged));
      const unknown = await wire(door(), modelInfer.path, { "grpc-encoding": "lzma" }, frame(message, 1));
      assert.equal(unknown.status, 12, JSON.stringify(unknown));
      const garbage = await wire(door(), modelInfer.path, { "grpc-encoding": "gzip" }, frame(message, 1));
      assert.ok(refused(garbage), JSON.stringify(garbage));
      await nextGoodCall();
    });

    test("A23 a deadline of 1 ms is DEADLINE_EXCEEDED", async () => {
      const values = new Array<string>(400_000).fill("1");
      for (let round = 0; round < amount(5, 100); round++) {
        const outcome = await grpcInfer(target, { tensors: { int32: { shape: [200_000, 2], values } } }, { deadlineMs: 1 });
        assert.equal(outcome.code, 4, outcome.details);
      }
      await nextGoodCall();
    });

    test("A23 another content type is 415", async () => {
      const answer = await wire(door(), modelInfer.path, { "content-type": "application/json" }, Buffer.from("{}"));
      assert.equal(answer.http, 415, JSON.stringify(answer));
      await nextGoodCall();
    });

    test("messages of random bytes are refused, and tell nothing of the inside", async () => {
      for (let round = 0; round < amount(100, 2_000); round++) {
        const bytes = Buffer.from(
          Array.from({ length: 1 + (round % 64) }, (_, index) => (round * 31 + index * 17 + ((round * index) % 13)) & 255),
        );
        const { code, details } = await target.grpc!.call(inference("ModelInfer"), bytes);
        assert.ok(code === 3 || code === 5 || code === 13, `${code}: ${details} for ${bytes.toString("hex")}`);
        assert.doesNotMatch(details, /node:internal|node_modules|\/tmp\/|\bat .*:\d+:\d+/);
      }
      await nextGoodCall();
    });

    test("A16 the preface of HTTP/2 and nothing of use behind it: the connection ends", async () => {
      for (const bytes of [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense that is no frame at all, but long enough",
        "PRI * HTTP/2.0\r\n\r\nXX",
      ]) {
        const connection = await RawConnection.open(Number(door().address.split(":")[1]));
        connection.socket.write(bytes);
        await connection.ended(15);
        assert.ok(!connection.text().includes("HTTP/1.1 200"));
      }
      await nextGoodCall();
    });

    test("calls that their clients leave, by the hundred, leave nothing behind", async () => {
      const request = grpcRequest(target, { outputs: ["fp32_out"] });
      for (let round = 0; round < amount(5, 50); round++) {
        // A connection of its own: one that resets calls by the thousand is closed, as against rapid resets it must be.
        const client = new GrpcClient(door().address);
        const codes = await Promise.all(Array.from({ length: 100 }, (_, index) => client.leave(modelInfer, request, index % 5)));
        client.close();
        for (const code of codes) assert.ok(code === 0 || code === 1, `${code}`);
        await nextGoodCall();
      }
    });

    test("a hundred connections of HTTP/2 that say nothing do not keep a good call waiting", async () => {
      const sessions = Array.from({ length: 100 }, () => connect(`http://${door().address}`));
      for (const session of sessions) session.on("error", () => {});
      await eventually("they are open", 10, async () => sessions.every((session) => !session.connecting));
      await nextGoodCall();
      for (const session of sessions) session.destroy();
      await nextGoodCall();
    });
  });
}

interface WireAnswer {
  readonly http: number | undefined;
  readonly status: number | undefined;
  readonly reset: boolean;
}

function refused({ http, status, reset }: WireAnswer): boolean {
  return reset || (http !== undefined && http >= 400) || (status !== undefined && status > 0);
}

function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One call as bytes, on a connection of its own. */
function wire({ address }: Door, path: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<WireAnswer> {
  const session = connect(`http://${address}`);
  return new Promise<WireAnswer>((resolve) => {
    let http: number | undefined;
    let status: number | undefined;
    let reset = false;
    const seen = (received: Readonly<Record<string, unknown>>) => {
      if (received["grpc-status"] !== undefined) status = Number(received["grpc-status"]);
    };
    session.on("error", () => resolve({ http, status, reset: true }));
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    call.on("response", (received) => {
      http = received[":status"];
      seen(received);
    });
    call.on("trailers", seen);
    call.on("data", () => {});
    call.on("error", () => {
      reset = true;
    });
    call.on("close", () => resolve({ http, status, reset }));
    call.end(body);
  }).finally(() => session.destroy());
}

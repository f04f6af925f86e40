// A process of its own: serves a model and says as JSON what was loaded before and after the first call over HTTP/2.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { registerHooks } from "node:module";

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { silentLog, systemClock } = await import("@slipway/base");
const { serveHttp, startReplica } = await import("../../index.ts");
const identity = { namespace: "default", model: "m", revision: "m-1" };
const directory = process.argv[2]!;
const manifest = { format: "onnx", model: "identity-fp32.onnx", samples: [] } as const;
const replica = await startReplica({ ...identity, directory, manifest, clock: systemClock, log: silentLog });
const server = await serveHttp(replica, { port: 0, version: "1", clock: systemClock, log: silentLog });
const { port, url } = server.address as { port: number; url: string };
const x = { name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] };
const rest = request(`${url}/v2/models/m/infer`, { method: "POST", headers: { "content-type": "application/json" } });
rest.end(JSON.stringify({ inputs: [x] }));
const [answer] = (await once(rest, "response")) as [IncomingMessage];
answer.resume();
const seen = () => ({
  status: answer.statusCode,
  modules: loaded.map((module) => module.replace(/^.*\/(?=[^/]+$)/, "")),
});
const before = seen();
const { Client, credentials, Metadata } = await import("@grpc/grpc-js");
loaded.length = 0;
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
const same = (bytes: Buffer) => bytes;
const path = "/inference.GRPCInferenceService/ServerLive";
await new Promise((resolve, reject) =>
  client.makeUnaryRequest(path, same, same, Buffer.alloc(0), new Metadata(), {}, (error, got) =>
    error === null ? resolve(got) : reject(error),
  ),
);
const after = seen();
client.close();
await server.close({ drainMs: 100 });
await replica.close();
process.stdout.write(JSON.stringify({ before, after }));

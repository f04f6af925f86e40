import { SlipwayError } from "@slipway/base";
import { type GrpcProtocol, grpcMediaType, grpcStatusHeader, loadGrpcProtocol } from "@slipway/protocol";
import type { InferenceCodec } from "./inference-codec.ts";
import { jsonCodec } from "./json-codec.ts";

let protocol: GrpcProtocol | undefined;

/** The Open Inference Protocol over gRPC: a body is one bare protobuf message, an error says its status in a header. */
export const grpcCodec: InferenceCodec = {
  load() {
    if (protocol !== undefined) return undefined;
    return loadGrpcProtocol().then((loaded) => {
      protocol = loaded;
    });
  },
  parse({ body }, signature) {
    return loaded().parseGrpcRequest(Buffer.from(body.buffer, body.byteOffset, body.byteLength), signature);
  },
  render(response, { binaryOutputs }, limitBytes) {
    const { pieces, size } = loaded().renderGrpcResponse(response, binaryOutputs !== undefined, limitBytes);
    // A gateway that knows the length beforehand passes the message on as it comes.
    return { status: 200, headers: { "content-type": grpcMediaType, "content-length": String(size) }, body: pieces };
  },
  error(error) {
    const answer = jsonCodec.error(error);
    return { ...answer, headers: { ...answer.headers, [grpcStatusHeader]: String(error.grpcStatus) } };
  },
};

function loaded(): GrpcProtocol {
  if (protocol === undefined) throw new SlipwayError("internal", "The codec of gRPC is used before it is loaded.");
  return protocol;
}

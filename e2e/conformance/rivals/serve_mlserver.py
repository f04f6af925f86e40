"""MLServer with the conformance suite's model. Arguments: the ports of HTTP, gRPC and metrics."""

import asyncio
import sys

from echo_model import tensors, wanted
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceResponse


class EveryType(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        try:
            pairs = wanted(payload.inputs, [output.name for output in payload.outputs or []])
            outputs = [self.echo(*pair) for pair in pairs]
        except (ValueError, OverflowError, TypeError) as error:
            raise InferenceError(str(error)) from error
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)

    def echo(self, tensor, name):
        if tensor.datatype == "BYTES":
            output = StringCodec.encode_output(name, StringCodec.decode_input(tensor))
            output.shape = list(tensor.shape)
            return output
        return NumpyCodec.encode_output(name, NumpyCodec.decode_input(tensor))


async def main():
    http, grpc, metrics = (int(port) for port in sys.argv[1:4])
    settings = Settings(http_port=http, grpc_port=grpc, metrics_port=metrics, host="127.0.0.1", parallel_workers=0, debug=False)
    server = MLServer(settings)
    model = ModelSettings(name="every-type", implementation=EveryType, platform="python", inputs=tensors(), outputs=tensors("_out"), parameters={"version": "1"})
    await server.start([model])


asyncio.run(main())

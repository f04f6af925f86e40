"""KServe's model server with the conformance suite's model. Arguments: the ports of HTTP and gRPC."""

import sys

from echo_model import tensors, wanted
from kserve import InferOutput, InferResponse, Model, ModelServer
from kserve.errors import InvalidInput
from kserve.utils.utils import generate_uuid


class EveryType(Model):
    def load(self):
        self.ready = True
        return self.ready

    async def get_input_types(self):
        return tensors()

    async def get_output_types(self):
        return tensors("_out")

    def predict(self, payload, headers=None, response_headers=None):
        asked = payload.request_outputs or []
        try:
            outputs = [self.echo(*pair, payload.use_binary_outputs) for pair in wanted(payload.inputs, [output.name for output in asked])]
        except (ValueError, OverflowError, TypeError) as error:
            raise InvalidInput(str(error)) from error
        return InferResponse(
            response_id=payload.id or generate_uuid(),
            model_name=self.name,
            infer_outputs=outputs,
            use_binary_outputs=payload.use_binary_outputs,
            requested_outputs=payload.request_outputs,
        )

    def echo(self, tensor, name, as_bytes):
        output = InferOutput(name=name, shape=list(tensor.shape), datatype=tensor.datatype)
        output.set_data_from_numpy(tensor.as_numpy(), binary_data=as_bytes or tensor.datatype == "FP16")
        return output


model = EveryType("every-type")
model.load()
ModelServer(http_port=int(sys.argv[1]), grpc_port=int(sys.argv[2]), workers=1).start([model])

"""KServe's ModelServer with one worker, without gRPC. Binary outputs where the request asks for them."""

import sys

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.utils.utils import generate_uuid

from onnx_session import open_session


class OnnxModel(Model):
    def __init__(self, name):
        super().__init__(name)
        self.session = open_session()
        self.input = self.session.get_inputs()[0].name
        self.output = self.session.get_outputs()[0].name
        self.ready = True

    async def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        [y] = self.session.run([self.output], {self.input: payload.inputs[0].as_numpy()})
        output = InferOutput(name=self.output, shape=list(y.shape), datatype="FP32")
        binary = bool(payload.request_outputs and payload.request_outputs[0].binary_data)
        output.set_data_from_numpy(y, binary_data=binary)
        return InferResponse(response_id=payload.id or generate_uuid(), model_name=self.name, infer_outputs=[output])


ModelServer(http_port=int(sys.argv[1]), workers=1, enable_grpc=False, enable_latency_logging=False).start([OnnxModel("model")])

"""LitServe with one worker and its own JSON."""

import sys

import litserve
import numpy

from onnx_session import open_session


class OnnxApi(litserve.LitAPI):
    def setup(self, device):
        self.session = open_session()
        self.input = self.session.get_inputs()[0].name

    def decode_request(self, request):
        return numpy.asarray(request["input"], numpy.float32)

    def predict(self, x):
        return self.session.run(None, {self.input: x})[0]

    def encode_response(self, output):
        return {"output": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(OnnxApi(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1, generate_client_file=False, log_level="error")

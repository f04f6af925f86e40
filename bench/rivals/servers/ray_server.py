"""Ray Serve with one replica and our own JSON, since it has none."""

import signal
import sys

import numpy
import ray
from ray import serve
from starlette.requests import Request

from onnx_session import open_session


@serve.deployment(max_ongoing_requests=64)
class OnnxDeployment:
    def __init__(self, path):
        self.session = open_session(path)
        self.input = self.session.get_inputs()[0].name

    async def __call__(self, request: Request):
        x = numpy.asarray((await request.json())["input"], numpy.float32)
        return {"output": self.session.run(None, {self.input: x})[0].tolist()}


if __name__ == "__main__":
    port, path, folder = sys.argv[1:]
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False, _temp_dir=folder)
    serve.start(http_options={"host": "127.0.0.1", "port": int(port), "access_log": False})
    serve.run(OnnxDeployment.bind(path), name="bench", route_prefix="/predict")
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    serve.shutdown()
    ray.shutdown()

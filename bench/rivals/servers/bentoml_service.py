"""BentoML with one worker and its own JSON. Started by `bentoml serve bentoml_service:OnnxService`."""

import bentoml
import numpy

from onnx_session import open_session


@bentoml.service(workers=1)
class OnnxService:
    def __init__(self):
        self.session = open_session()
        self.input = self.session.get_inputs()[0].name

    @bentoml.api
    def predict(self, input: numpy.ndarray) -> numpy.ndarray:
        return self.session.run(None, {self.input: input.astype(numpy.float32)})[0]

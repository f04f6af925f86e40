"""MLServer: a custom runtime, as its documentation shows one. Started by `mlserver start` with parallel_workers 0."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from onnx_session import open_session


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self._session = open_session()
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        x = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        [y] = self._session.run([self._output], {self._input: x})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output(self._output, y)])

"""LightGBM, saved as text."""
import lightgbm
import numpy

from .tensors import tensor_of


class Model:
    def load(self, context):
        self.booster = lightgbm.Booster(model_file=str(context.path))
        width = int(self.booster.num_feature())
        self.signature = {
            "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, width]}],
            "outputs": [tensor_of("predict", self.predict({"x": numpy.zeros((2, width))})["predict"])],
        }

    def predict(self, inputs):
        return {"predict": self.booster.predict(inputs["x"], num_threads=1)}

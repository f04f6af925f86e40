"""XGBoost, saved as UBJSON or JSON."""
import numpy
import xgboost

from .tensors import tensor_of


class Model:
    def load(self, context):
        self.booster = xgboost.Booster(model_file=str(context.path))
        width = int(self.booster.num_features())
        self.signature = {
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, width]}],
            "outputs": [tensor_of("predict", self.predict({"x": numpy.zeros((2, width), numpy.float32)})["predict"])],
        }

    def predict(self, inputs):
        return {"predict": self.booster.inplace_predict(inputs["x"], validate_features=False)}

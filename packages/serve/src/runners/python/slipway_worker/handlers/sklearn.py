"""scikit-learn, saved with skops."""
import numpy
import skops.io

from ..errors import Refused
from .tensors import tensor_of


class Model:
    def load(self, context):
        unknown = skops.io.get_untrusted_types(file=context.path)
        if unknown:
            raise Refused(f"The skops file has types that skops does not know to be safe: {', '.join(unknown[:5])}.")
        self.model = skops.io.load(context.path, trusted=[])
        width = int(getattr(self.model, "n_features_in_", -1))
        zeros = numpy.zeros((2, max(width, 1)))
        self.outputs = [name for name in ("predict", "predict_proba") if callable(getattr(self.model, name, None))]
        if not self.outputs:
            raise Refused(f"{type(self.model).__name__} has no method predict.")
        self.signature = {
            "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, width]}],
            "outputs": [tensor_of(name, getattr(self.model, name)(zeros)) for name in self.outputs],
        }

    def predict(self, inputs):
        return {name: numpy.asarray(getattr(self.model, name)(inputs["x"])) for name in self.outputs}

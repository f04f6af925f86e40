"""Tells the language of texts by how often their letters are used."""
from typing import Annotated, TypedDict

import numpy
from numpy.typing import NDArray

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# How often each letter is used, in percent.
USED = {
    "en": [8.2, 1.5, 2.8, 4.3, 12.7, 2.2, 2.0, 6.1, 7.0, 0.15, 0.77, 4.0, 2.4, 6.7, 7.5, 1.9, 0.1, 6.0, 6.3, 9.1, 2.8, 1.0, 2.4, 0.15, 2.0, 0.07],
    "de": [6.5, 1.9, 2.7, 5.1, 16.4, 1.7, 3.0, 4.6, 6.6, 0.27, 1.4, 3.4, 2.5, 9.8, 2.6, 0.67, 0.02, 7.0, 7.3, 6.2, 4.2, 0.85, 1.9, 0.03, 0.04, 1.1],
    "it": [11.7, 0.93, 4.5, 3.7, 11.8, 1.2, 1.6, 0.64, 10.1, 0.01, 0.01, 6.5, 2.5, 6.9, 9.8, 3.1, 0.5, 6.4, 5.0, 5.6, 3.0, 2.1, 0.03, 0.0, 0.02, 1.2],
}


class Inputs(TypedDict):
    text: Annotated[NDArray[numpy.object_], ("texts",)]


class Outputs(TypedDict):
    language: Annotated[NDArray[numpy.object_], ("texts",)]
    similarity: Annotated[NDArray[numpy.float32], ("texts", 3)]


class Model:
    def load(self, context):
        self.languages = numpy.array(list(USED))
        table = numpy.array(list(USED.values()), dtype=numpy.float32)
        self.table = table / numpy.linalg.norm(table, axis=1, keepdims=True)
        self.unknown = context.parameters.get("unknown", "nobody knows")
        context.logger.info("knows %s", ", ".join(USED))

    def predict(self, inputs: Inputs) -> Outputs:
        counts = numpy.array(
            [[text.decode().lower().count(letter) for letter in LETTERS] for text in inputs["text"]], dtype=numpy.float32
        ).reshape(-1, len(LETTERS))
        norms = numpy.linalg.norm(counts, axis=1, keepdims=True)
        similarity = (counts / numpy.maximum(norms, 1)) @ self.table.T
        best = self.languages[similarity.argmax(axis=1)]
        return {"language": numpy.where(norms[:, 0] > 0, best, self.unknown), "similarity": similarity}

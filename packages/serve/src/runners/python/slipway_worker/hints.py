"""Reads a model's signature from the type hints of its `predict`."""
import inspect
import typing

from .errors import Refused, text_of


class Hints:
    """Reads a signature from the type hints of `predict`: typed dictionaries of annotated arrays."""

    TYPES = {
        "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
        "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
        "float16": "FP16", "float32": "FP32", "float64": "FP64", "object": "BYTES", "str": "BYTES", "bytes": "BYTES",
    }  # fmt: skip

    def signature(self, handler, model):
        """None when the hints say nothing; Refused when they say half."""
        declared = getattr(model, "signature", None)
        if isinstance(declared, dict):
            return {"inputs": declared["inputs"], "outputs": declared["outputs"]}
        try:
            hints = typing.get_type_hints(handler.predict, include_extras=True)
        except Exception as error:
            raise Refused(f"The type hints of Model.predict cannot be read: {text_of(error)}")
        parameters = [name for name in inspect.signature(handler.predict).parameters][1:]
        inputs = hints.get(parameters[0]) if parameters else None
        outputs = self.yielded(hints.get("return"))
        if not (typing.is_typeddict(inputs) and typing.is_typeddict(outputs)):
            return None
        return {"inputs": self.tensors(inputs), "outputs": self.tensors(outputs)}

    def yielded(self, hint):
        """Of a generator what it yields."""
        if typing.get_origin(hint) is not None and not typing.is_typeddict(hint):
            given = typing.get_args(hint)
            return given[0] if given else hint
        return hint

    def tensors(self, hint):
        fields = typing.get_type_hints(hint, include_extras=True)
        return [self.tensor(f"{hint.__name__}.{name}", name, field) for name, field in fields.items()]

    def tensor(self, place, name, field):
        example = "Annotated[NDArray[numpy.float32], (-1, 4)]"
        given = typing.get_args(field)
        shape = next((each for each in given[1:] if isinstance(each, (tuple, list))), None)
        if typing.get_origin(field) is not typing.Annotated or shape is None:
            raise Refused(f"The type hint {place} does not say the shape of the tensor. Expected for example {example}.")
        inner = typing.get_args(typing.get_args(given[0])[1]) if len(typing.get_args(given[0])) > 1 else ()
        kind = getattr(inner[0], "__name__", "").rstrip("_") if inner else ""
        datatype = self.TYPES.get(kind)
        if datatype is None:
            raise Refused(f"The type hint {place} does not say a datatype that can be served. Expected for example {example}.")
        sizes = [size if isinstance(size, int) and size >= 0 else -1 for size in shape]
        names = [size if isinstance(size, str) else "" for size in shape]
        return {"name": name, "datatype": datatype, "shape": sizes, "dimensions": names}

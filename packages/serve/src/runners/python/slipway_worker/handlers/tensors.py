"""Tensors as a signature has them, from an example."""
import numpy

from ..errors import Refused


def tensor_of(name, array):
    array = numpy.asarray(array)
    datatypes = {"f8": "FP64", "f4": "FP32", "i8": "INT64", "i4": "INT32", "b1": "BOOL"}
    datatype = "BYTES" if array.dtype.kind in "OUS" else datatypes.get(array.dtype.str[1:])
    if datatype is None:
        raise Refused(f"The result of {name} has the type {array.dtype}, which cannot be served.")
    return {"name": name, "datatype": datatype, "shape": [-1, *array.shape[1:]]}

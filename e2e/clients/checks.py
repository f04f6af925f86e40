"""Values and comparisons of tensors, for checks of clients."""

import numpy as np

from named_checks import check, refused, run_all  # noqa: F401

# Every datatype of the Open Inference Protocol that the model has, with values that are easily lost.
VALUES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255], [1, 2]], np.uint8),
    "UINT16": np.array([[0, 65535], [1, 2]], np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [1, 2]], np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2**53 + 1, 2]], np.uint64),
    "INT8": np.array([[-128, 127], [1, 2]], np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [1, 2]], np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [1, 2]], np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [2**53 + 1, 2]], np.int64),
    "FP16": np.array([[65504, -0.5], [6e-8, 2]], np.float16),
    "FP32": np.array([[3.4028235e38, -0.1], [1e-45, 2]], np.float32),
    "FP64": np.array([[1.7976931348623157e308, -0.1], [5e-324, 2]], np.float64),
    "BYTES": np.array([["", "ünïcødé"], ["💡", 'a"b\\c']], object),
}

def same(got, wanted, what="values"):
    """Equal values; text may come back as bytes."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    if wanted.dtype == object:
        got = np.array([value.decode() if isinstance(value, bytes) else value for value in got.flatten()], object).reshape(got.shape)
    assert got.shape == wanted.shape, f"{what}: shape {got.shape}, not {wanted.shape}"
    assert np.array_equal(got, wanted, equal_nan=wanted.dtype.kind == "f"), f"{what}: {got.tolist()}, not {wanted.tolist()}"

"""The conformance suite's model: what its tensors are called and look like, for every server that runs Python."""

DATATYPES = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"]


def tensors(suffix=""):
    return [{"name": f"{datatype.lower()}{suffix}", "datatype": datatype, "shape": [-1, 2]} for datatype in DATATYPES]


def wanted(inputs, outputs):
    """Pairs of an input and what its output is called: those that a request asks for, all when it asks for none."""
    by_name = {f"{tensor.name}_out": tensor for tensor in inputs}
    unknown = [name for name in outputs if name not in by_name]
    if unknown:
        raise ValueError(f"there is no output {unknown[0]}")
    return [(by_name[name], name) for name in (outputs or by_name)]

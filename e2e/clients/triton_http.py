"""tritonclient over HTTP. Arguments: HOST:PORT, the model's name, and `declared` where models are not loaded by requests."""

import asyncio
import sys

import ml_dtypes
import numpy as np
import tritonclient.http as http
import tritonclient.http.aio as http_aio
from checks import VALUES, check, refused, run_all, same
from tritonclient.utils import InferenceServerException


def inputs(module, values, binary=True):
    made = []
    for datatype, array in values.items():
        tensor = module.InferInput(datatype.lower(), list(array.shape), datatype)
        # FP16 has no JSON in this client.
        tensor.set_data_from_numpy(array, binary_data=binary or datatype == "FP16")
        made.append(tensor)
    return made


def outputs(module, names, binary=True):
    return [module.InferRequestedOutput(f"{name.lower()}_out", binary_data=binary) for name in names]


def expect_all(result):
    for datatype, array in VALUES.items():
        same(result.as_numpy(f"{datatype.lower()}_out"), array, datatype)


@check
def health(client, model, _):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert not client.is_model_ready("no-such-model")


@check
def metadata(client, model, _):
    server = client.get_server_metadata()
    assert server["name"] == "slipway" and "binary_tensor_data" in server["extensions"], server
    described = client.get_model_metadata(model)
    assert described["name"] == model and len(described["inputs"]) == len(VALUES), described
    version = described["versions"][0]
    assert client.is_model_ready(model, version) and client.get_model_metadata(model, version)["versions"] == [version]


@check
def repository(client, model, declared):
    assert model in [entry["name"] for entry in client.get_model_repository_index()]
    if declared:
        refused(lambda: client.unload_model(model), "declared")
    else:
        client.unload_model(model)
        assert not client.is_model_ready(model)
        client.load_model(model)
    assert client.is_model_ready(model)


@check
def json_both_ways(client, model, _):
    without_fp16 = [datatype for datatype in VALUES if datatype != "FP16"]
    result = client.infer(model, inputs(http, VALUES, binary=False), outputs=outputs(http, without_fp16, binary=False))
    for datatype in without_fp16:
        same(result.as_numpy(f"{datatype.lower()}_out"), VALUES[datatype], datatype)


@check
def binary_both_ways(client, model, _):
    expect_all(client.infer(model, inputs(http, VALUES), outputs=outputs(http, VALUES)))


@check
def binary_when_no_output_is_named(client, model, _):
    expect_all(client.infer(model, inputs(http, VALUES)))


@check
def binary_in_json_out(client, model, _):
    result = client.infer(model, inputs(http, VALUES), outputs=outputs(http, ["INT64", "UINT64", "BYTES"], binary=False))
    for datatype in ["INT64", "UINT64", "BYTES"]:
        same(result.as_numpy(f"{datatype.lower()}_out"), VALUES[datatype], datatype)


@check
def not_a_number(client, model, _):
    values = {**VALUES, "FP32": np.array([[np.nan, np.inf], [-np.inf, -0.0]], np.float32)}
    same(client.infer(model, inputs(http, values)).as_numpy("fp32_out"), values["FP32"])


@check
def request_ids(client, model, _):
    assert client.infer(model, inputs(http, VALUES), request_id="r-1").get_response()["id"] == "r-1"


@check
def compression(client, model, _):
    for algorithm in ["gzip", "deflate"]:
        result = client.infer(
            model, inputs(http, VALUES), request_compression_algorithm=algorithm, response_compression_algorithm=algorithm
        )
        expect_all(result)


@check
def a_large_tensor(client, model, _):
    large = np.arange(500_000, dtype=np.float32).reshape(-1, 2)
    same(client.infer(model, inputs(http, {**VALUES, "FP32": large})).as_numpy("fp32_out"), large)


@check
def many_at_once(client, model, _):
    def with_index(index):
        return {**VALUES, "INT32": np.full((1, 2), index, np.int32)}

    pending = [client.async_infer(model, inputs(http, with_index(index)), request_id=str(index)) for index in range(40)]
    for index, request in enumerate(pending):
        result = request.get_result()
        assert result.get_response()["id"] == str(index)
        same(result.as_numpy("int32_out"), np.full((1, 2), index, np.int32))


@check
def errors_name_what_is_wrong(client, model, _):
    missing = {datatype: array for datatype, array in VALUES.items() if datatype != "FP32"}
    assert isinstance(refused(lambda: client.infer(model, inputs(http, missing)), "fp32"), InferenceServerException)
    refused(lambda: client.infer(model, inputs(http, {**VALUES, "FP32": np.zeros((1, 3), np.float32)})), "fp32", "shape")
    refused(lambda: client.infer(model, inputs(http, VALUES), outputs=outputs(http, ["NOPE"])), "nope_out")
    refused(lambda: client.infer("no-such-model", inputs(http, VALUES)), "404")


@check
def bf16_is_refused_by_name_as_the_model_has_none(client, model, _):
    tensor = http.InferInput("fp32", [1, 2], "BF16")
    tensor.set_data_from_numpy(np.array([[1, 2]], ml_dtypes.bfloat16), binary_data=True)
    others = [made for made in inputs(http, VALUES) if made.name() != "fp32"]
    refused(lambda: client.infer(model, [*others, tensor]), "fp32", "BF16")


@check
async def the_asynchronous_client(client, model, _):
    async with http_aio.InferenceServerClient(sys.argv[1]) as other:
        assert await other.is_server_live()
        results = await asyncio.gather(*(other.infer(model, inputs(http_aio, VALUES)) for _ in range(10)))
        for result in results:
            expect_all(result)


if __name__ == "__main__":
    client = http.InferenceServerClient(sys.argv[1], concurrency=8, network_timeout=20)
    asyncio.run(run_all(client, sys.argv[2], "declared" in sys.argv[3:]))

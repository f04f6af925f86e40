"""tritonclient over gRPC. Arguments: HOST:PORT, the model's name, and `declared` where models are not loaded by requests, `tls=CA` for TLS."""

import asyncio
import queue
import sys

import ml_dtypes
import numpy as np
import tritonclient.grpc as grpc
import tritonclient.grpc.aio as grpc_aio
from checks import VALUES, check, refused, run_all, same


def inputs(module, values):
    made = []
    for datatype, array in values.items():
        tensor = module.InferInput(datatype.lower(), list(array.shape), datatype)
        tensor.set_data_from_numpy(array)
        made.append(tensor)
    return made


def outputs(names):
    return [grpc.InferRequestedOutput(f"{name.lower()}_out") for name in names]


def expect_all(result):
    for datatype, array in VALUES.items():
        same(result.as_numpy(f"{datatype.lower()}_out"), array, datatype)


@check
def health(client, model, _):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert not client.is_model_ready("no-such-model")


@check
def metadata(client, model, _):
    assert client.get_server_metadata().name == "slipway"
    described = client.get_model_metadata(model)
    assert described.name == model and len(described.inputs) == len(VALUES), described
    assert client.is_model_ready(model, described.versions[0])


@check
def repository(client, model, declared):
    assert model in [entry.name for entry in client.get_model_repository_index().models]
    if declared:
        refused(lambda: client.unload_model(model), "declared")
    else:
        client.unload_model(model)
        assert not client.is_model_ready(model)
        client.load_model(model)
    assert client.is_model_ready(model)


@check
def raw_both_ways(client, model, _):
    expect_all(client.infer(model, inputs(grpc, VALUES)))
    same(client.infer(model, inputs(grpc, VALUES), outputs=outputs(["INT64"])).as_numpy("int64_out"), VALUES["INT64"])


@check
def not_a_number(client, model, _):
    values = {**VALUES, "FP32": np.array([[np.nan, np.inf], [-np.inf, -0.0]], np.float32)}
    same(client.infer(model, inputs(grpc, values)).as_numpy("fp32_out"), values["FP32"])


@check
def request_ids(client, model, _):
    assert client.infer(model, inputs(grpc, VALUES), request_id="r-1").get_response().id == "r-1"


@check
def compression(client, model, _):
    for algorithm in ["gzip", "deflate"]:
        expect_all(client.infer(model, inputs(grpc, VALUES), compression_algorithm=algorithm))


@check
def a_large_tensor(client, model, _):
    large = np.arange(1_500_000, dtype=np.float32).reshape(-1, 2)
    same(client.infer(model, inputs(grpc, {**VALUES, "FP32": large})).as_numpy("fp32_out"), large)


@check
def many_at_once(client, model, _):
    answers = queue.Queue()
    for index in range(40):
        values = {**VALUES, "INT32": np.full((1, 2), index, np.int32)}
        client.async_infer(model, inputs(grpc, values), lambda result, error: answers.put((result, error)), request_id=str(index))
    for _ in range(40):
        result, error = answers.get(timeout=20)
        assert error is None, error
        same(result.as_numpy("int32_out"), np.full((1, 2), int(result.get_response().id), np.int32))


@check
def a_stream(client, model, _):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for index in range(10):
        values = {**VALUES, "INT32": np.full((1, 2), index, np.int32)}
        client.async_stream_infer(model, inputs(grpc, values), request_id=str(index))
    client.async_stream_infer(model, inputs(grpc, VALUES), outputs=outputs(["NOPE"]), request_id="wrong")
    seen, errors = set(), []
    for _ in range(11):
        result, error = answers.get(timeout=20)
        if error is not None:
            errors.append(str(error))
            continue
        index = int(result.get_response().id)
        same(result.as_numpy("int32_out"), np.full((1, 2), index, np.int32))
        seen.add(index)
    client.stop_stream()
    assert seen == set(range(10)) and len(errors) == 1 and "nope_out" in errors[0], (seen, errors)


@check
def errors_name_what_is_wrong(client, model, _):
    missing = {datatype: array for datatype, array in VALUES.items() if datatype != "FP32"}
    assert "INVALID_ARGUMENT" in str(refused(lambda: client.infer(model, inputs(grpc, missing)), "fp32").status())
    refused(lambda: client.infer(model, inputs(grpc, {**VALUES, "FP32": np.zeros((1, 3), np.float32)})), "fp32", "shape")
    refused(lambda: client.infer(model, inputs(grpc, VALUES), outputs=outputs(["NOPE"])), "nope_out")
    assert "NOT_FOUND" in str(refused(lambda: client.infer("no-such-model", inputs(grpc, VALUES))).status())


@check
def deadlines(client, model, _):
    large = np.zeros((1_000_000, 2), np.float32)
    error = refused(lambda: client.infer(model, inputs(grpc, {**VALUES, "FP32": large}), client_timeout=0.001))
    assert "DEADLINE_EXCEEDED" in str(error.status()) or "Deadline" in str(error), error
    expect_all(client.infer(model, inputs(grpc, VALUES), client_timeout=20))


@check
def bf16_is_refused_by_name_as_the_model_has_none(client, model, _):
    tensor = grpc.InferInput("fp32", [1, 2], "BF16")
    tensor.set_data_from_numpy(np.array([[1, 2]], ml_dtypes.bfloat16))
    others = [made for made in inputs(grpc, VALUES) if made.name() != "fp32"]
    refused(lambda: client.infer(model, [*others, tensor]), "fp32", "BF16")


@check
async def the_asynchronous_client(_, model, __):
    async with grpc_aio.InferenceServerClient(sys.argv[1], **tls()) as other:
        assert await other.is_server_live()
        for result in await asyncio.gather(*(other.infer(model, inputs(grpc_aio, VALUES)) for _ in range(10))):
            expect_all(result)


def tls():
    authorities = [argument.removeprefix("tls=") for argument in sys.argv[3:] if argument.startswith("tls=")]
    return {"ssl": True, "root_certificates": authorities[0]} if authorities else {}


if __name__ == "__main__":
    client = grpc.InferenceServerClient(sys.argv[1], **tls())
    asyncio.run(run_all(client, sys.argv[2], "declared" in sys.argv[3:]))

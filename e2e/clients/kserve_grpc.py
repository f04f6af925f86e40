"""KServe's Python inference client over gRPC. Arguments: HOST:PORT and the model's name."""

import asyncio
import sys

import grpc
import numpy as np
from checks import VALUES, check, run_all, same
from kserve import InferenceGRPCClient, InferInput, InferRequest, InferResponse


def inputs(values=VALUES, binary=True):
    made = []
    for datatype, array in values.items():
        tensor = InferInput(datatype.lower(), list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary)
        made.append(tensor)
    return made


def expect(response):
    for datatype, array in VALUES.items():
        output = response.get_output_by_name(f"{datatype.lower()}_out")
        same(np.asarray(output.as_numpy()).reshape(output.shape), array, datatype)


@check
async def health(client, model):
    assert await client.is_server_live() and await client.is_server_ready() and await client.is_model_ready(model)


@check
async def raw_both_ways(client, model):
    expect(await client.infer(InferRequest(model, inputs())))


@check
async def typed_contents(client, model):
    values = {datatype: array for datatype, array in VALUES.items() if datatype != "FP16"}
    message = InferRequest(model, inputs(values, binary=False)).to_grpc()
    # This client has no typed FP16, not even without elements.
    message.inputs.add(name="fp16", datatype="FP16", shape=[0, 2])
    response = InferResponse.from_grpc(await client._client_stub.ModelInfer(message))
    for datatype, array in values.items():
        output = response.get_output_by_name(f"{datatype.lower()}_out")
        same(np.asarray(output.as_numpy()).reshape(output.shape), array, datatype)


@check
async def request_ids(client, model):
    assert (await client.infer(InferRequest(model, inputs(), request_id="r-1"))).id == "r-1"


@check
async def many_at_once(client, model):
    for response in await asyncio.gather(*(client.infer(InferRequest(model, inputs())) for _ in range(20))):
        expect(response)


@check
async def errors_have_codes(client, model):
    for name, values, code in [
        (model, {**VALUES, "FP32": np.zeros((1, 3), np.float32)}, grpc.StatusCode.INVALID_ARGUMENT),
        ("no-such-model", VALUES, grpc.StatusCode.NOT_FOUND),
    ]:
        try:
            await client.infer(InferRequest(name, inputs(values)))
        except grpc.RpcError as error:
            assert error.code() == code, error.code()
        else:
            raise AssertionError("no error")


async def main():
    await run_all(InferenceGRPCClient(sys.argv[1], timeout=20), sys.argv[2])


asyncio.run(main())

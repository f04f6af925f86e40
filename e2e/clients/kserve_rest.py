"""KServe's Python inference client over REST. Arguments: the base URL and the model's name."""

import asyncio
import sys

import numpy as np
from checks import VALUES, check, run_all, same
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput


def inputs(binary, values=VALUES):
    made = []
    for datatype, array in values.items():
        tensor = InferInput(datatype.lower(), list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary or datatype == "FP16")
        made.append(tensor)
    return made


def expect(response, names):
    for datatype in names:
        output = response.get_output_by_name(f"{datatype.lower()}_out")
        same(np.asarray(output.as_numpy()).reshape(output.shape), VALUES[datatype], datatype)


@check
async def health(client, url, model):
    assert await client.is_server_live(url) and await client.is_server_ready(url) and await client.is_model_ready(url, model)


@check
async def json_both_ways(client, url, model):
    names = [datatype for datatype in VALUES if datatype != "FP16"]
    request = InferRequest(model, inputs(False), request_outputs=[RequestedOutput(f"{name.lower()}_out", {"binary_data": False}) for name in names])
    expect(await client.infer(url, request, model_name=model), names)


@check
async def binary_both_ways(client, url, model):
    request = InferRequest(model, inputs(True), parameters={"binary_data_output": True})
    expect(await client.infer(url, request, model_name=model), VALUES)


@check
async def mixed(client, url, model):
    wanted = [RequestedOutput("fp32_out", {"binary_data": True}), RequestedOutput("int64_out", {"binary_data": False})]
    expect(await client.infer(url, InferRequest(model, inputs(True), request_outputs=wanted), model_name=model), ["FP32", "INT64"])


@check
async def request_ids(client, url, model):
    request = InferRequest(model, inputs(True), request_id="r-1", parameters={"binary_data_output": True})
    assert (await client.infer(url, request, model_name=model)).id == "r-1"


@check
async def many_at_once(client, url, model):
    request = InferRequest(model, inputs(True), parameters={"binary_data_output": True})
    for response in await asyncio.gather(*(client.infer(url, request, model_name=model) for _ in range(20))):
        expect(response, VALUES)


@check
async def errors_name_what_is_wrong(client, url, model):
    wrong = {**VALUES, "FP32": np.zeros((1, 3), np.float32)}
    try:
        await client.infer(url, InferRequest(model, inputs(True, wrong)), model_name=model)
    except Exception as error:  # noqa: BLE001
        assert "400" in str(error) or "fp32" in str(error), error
    else:
        raise AssertionError("no error")


async def main():
    # One client, as a service that calls models has.
    await run_all(InferenceRESTClient(RESTConfig(protocol="v2", timeout=20)), sys.argv[1], sys.argv[2])


asyncio.run(main())

"""The official OpenAI client, as its users have it: ADDRESS MODEL KIND, where KIND is text or embeddings."""

import asyncio
import json
import sys
from typing import Literal, Optional

import openai
from named_checks import check, refused, run_all
from pydantic import BaseModel

address, model, kind = sys.argv[1:4]
client = openai.OpenAI(base_url=f"{address}/v1", api_key="nothing", max_retries=0)
messages = [{"role": "user", "content": "hi"}]
weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


class Reading(BaseModel):
    kind: Literal["dry", "wet"]
    name: str
    depth: Optional[int]


def only(of):
    return check if kind == of else lambda function: function


@check
def models_are_listed_and_found():
    assert model in [item.id for item in client.models.list()]
    assert client.models.retrieve(model).id == model


@check
def an_unknown_model_is_not_found():
    error = refused(lambda: client.models.retrieve("other"))
    assert isinstance(error, openai.NotFoundError), error
    call = lambda: client.chat.completions.create(model="other", messages=messages)  # noqa: E731
    assert isinstance(refused(call), openai.NotFoundError)


@only("text")
def a_chat_is_answered_with_its_usage():
    answer = client.chat.completions.create(model=model, messages=messages, temperature=0)
    assert answer.choices[0].message.content == "Hello, world!", answer
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (6, 4), answer.usage


@only("text")
def a_stream_is_the_same_in_pieces():
    stream = client.chat.completions.create(
        model=model, messages=messages, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert text == ["Hello", ",", " world", "!"], text
    assert chunks[-1].usage.total_tokens == 10


@only("text")
def stop_seed_and_length_are_honoured():
    complete = lambda **more: client.completions.create(model=model, **more)  # noqa: E731
    assert complete(prompt="loop:", stop="ck to", temperature=0).choices[0].text == "ti"
    cut = complete(prompt="loop:", max_tokens=3, temperature=0)
    assert (cut.choices[0].text, cut.choices[0].finish_reason) == ("tick tock tick", "length")
    roll = lambda seed: complete(prompt="d=", max_tokens=12, seed=seed).choices[0].text  # noqa: E731
    assert roll(7) == roll(7) != roll(8)


@only("text")
def an_answer_is_parsed_into_a_type():
    answer = client.chat.completions.parse(
        model=model, messages=messages, temperature=0, max_tokens=200, response_format=Reading
    )
    parsed = answer.choices[0].message.parsed
    assert isinstance(parsed, Reading), answer


@only("text")
def a_tool_is_called_and_its_result_taken():
    first = client.chat.completions.create(model=model, messages=messages, tools=[weather], temperature=0)
    call = first.choices[0].message.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Paris"})
    assert first.choices[0].finish_reason == "tool_calls"
    follow = [*messages, first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
    second = client.chat.completions.create(model=model, messages=follow, temperature=0)
    assert second.choices[0].message.content == "Hello, world!"


@only("text")
def a_tool_is_called_in_a_stream():
    with client.chat.completions.stream(
        model=model, messages=messages, tools=[weather], tool_choice="required", temperature=0
    ) as stream:
        final = stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments)["city"] in ("Paris", "Rome")


@only("text")
def what_is_not_supported_is_refused_by_its_name():
    for name, value in {"n": 2, "logprobs": True, "metadata": {"a": "b"}}.items():
        error = refused(lambda: client.chat.completions.create(model=model, messages=messages, **{name: value}))  # noqa: B023
        assert isinstance(error, openai.BadRequestError) and error.param == name, error
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/"}}]}]
    error = refused(lambda: client.chat.completions.create(model=model, messages=picture))
    assert error.param == "messages[0].content[0]", error


@only("text")
def a_prompt_that_does_not_fit_is_refused():
    long = [{"role": "user", "content": "x" * 2000}]
    error = refused(lambda: client.chat.completions.create(model=model, messages=long), "context")
    assert isinstance(error, openai.BadRequestError)


@only("text")
def a_stream_can_be_left():
    for _ in range(12):
        stream = client.completions.create(model=model, prompt="loop:", max_tokens=400, stream=True)
        next(iter(stream))
        stream.close()
    assert client.completions.create(model=model, prompt="e?", temperature=0).choices[0].text == "é"


@only("text")
async def many_ask_at_once():
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="nothing", max_retries=0) as many:
        ask = lambda: many.chat.completions.create(model=model, messages=messages, temperature=0)  # noqa: E731
        answers = await asyncio.gather(*[ask() for _ in range(16)])
    assert {answer.choices[0].message.content for answer in answers} == {"Hello, world!"}


@only("embeddings")
def texts_become_vectors():
    # The client asks for base64 by itself.
    answer = client.embeddings.create(model=model, input=["abc", "abd", "abc"])
    first, second, third = [item.embedding for item in answer.data]
    assert first == third != second and len(first) == 384
    assert abs(sum(value * value for value in first) - 1) < 1e-5
    plain = client.embeddings.create(model=model, input="abc", encoding_format="float").data[0].embedding
    assert max(abs(a - b) for a, b in zip(first, plain)) < 1e-6


@only("embeddings")
def text_is_not_made():
    error = refused(lambda: client.chat.completions.create(model=model, messages=messages))
    assert isinstance(error, openai.BadRequestError)


asyncio.run(run_all())

"""Calls the model for each block of requests."""
import asyncio
import inspect
import os
import threading
import time
import traceback

from .blocks import Reply
from .channel import CLOSE, REPLY, REPLY_SHARED
from .errors import text_of

DONE, FAILED, BAD_OUTPUT = 0, 1, 2
loop = None


def run_now(awaitable):
    """Runs an awaitable to its end, always on the same event loop: what a model made on it stays usable."""
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop.run_until_complete(awaitable)


class Runner:
    def __init__(self, blocks, model, channel):
        self.blocks = blocks
        self.predict = model.predict
        self.channel = channel

    def serve(self):
        while True:
            number, kind, payload = self.channel.receive()
            if kind == CLOSE:
                return
            steps = self.block(self.blocks.open(kind, payload))
            self.answer(number, drive(steps, call_now))

    async def serve_async(self):
        messages = asyncio.Queue()
        running = asyncio.get_running_loop()

        def listen():
            while True:
                message = self.channel.receive()
                running.call_soon_threadsafe(messages.put_nowait, message)
                if message[1] == CLOSE:
                    return

        threading.Thread(target=listen, daemon=True).start()
        tasks = set()
        while True:
            number, kind, payload = await messages.get()
            if kind == CLOSE:
                return
            task = asyncio.create_task(self.run_async(number, kind, payload))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def run_async(self, number, kind, payload):
        self.answer(number, await drive_async(self.block(self.blocks.open(kind, payload))))

    def block(self, memory):
        """Runs a block: a generator that yields each call of the model and is sent `(result, error)`, so that one code serves both ways of calling."""
        reply = Reply()
        runs = 0
        waiting = self.blocks.parts(memory)
        while waiting:
            part = waiting.pop(0)
            began = time.perf_counter()
            runs += 1
            result, error = yield (lambda inputs=part.inputs: self.predict(inputs))
            ms = (time.perf_counter() - began) * 1000
            outputs = None
            if error is None:
                try:
                    outputs = self.blocks.outputs_of(result, part)
                except Exception as caught:
                    outputs = f"The model's outputs cannot be read: {text_of(caught)}"
            if len(part.rows) > 1 and (error is not None or isinstance(outputs, str)):
                # What goes wrong with several is found by halves, so that only the guilty one fails.
                waiting[:0] = part.halves()
                continue
            reply.numbers += [len(part.rows), FAILED if error is not None else BAD_OUTPUT if isinstance(outputs, str) else DONE, ms]
            if error is not None:
                traceback.print_exception(type(error), error, error.__traceback__)
                reply.text(text_of(error))
            elif isinstance(outputs, str):
                reply.text(outputs)
            else:
                for array in outputs:
                    reply.tensor(array)
        reply.numbers.append(runs)
        return reply

    def answer(self, number, reply):
        parts = reply.parts()
        length = sum(map(len, parts))
        if length > self.blocks.shared["from"]:
            path = self.write_shared(parts, length)
            if path is not None:
                self.channel.send(number, REPLY_SHARED, path.encode())
                return
        self.channel.send(number, REPLY, *parts)

    def write_shared(self, parts, length):
        """None when there is no room: then it goes through the socket."""
        self.blocks.files += 1
        path = os.path.join(self.blocks.shared["folder"], f"reply-{os.getpid()}-{self.blocks.files}")
        try:
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError:
            return None
        try:
            for part in parts:
                view = memoryview(part).cast("B") if len(part) else memoryview(b"")
                while view:
                    view = view[os.write(file, view) :]
        except OSError:
            os.unlink(path)
            return None
        finally:
            os.close(file)
        return path


def joined(pieces):
    """What a generator yielded, one after the other along the first axis."""
    import numpy

    pieces = list(pieces)
    if not pieces:
        raise ValueError("the generator yielded nothing")
    names = {name: None for piece in pieces for name in piece}
    return {name: numpy.concatenate([numpy.atleast_1d(piece[name]) for piece in pieces if name in piece]) for name in names}


def call_now(call):
    result = call()
    if inspect.isgenerator(result):
        return joined(result)
    if inspect.isasyncgen(result) or inspect.isawaitable(result):
        return run_now(finish(result))
    return result


async def finish(result):
    if inspect.isasyncgen(result):
        return joined([piece async for piece in result])
    if inspect.isawaitable(result):
        result = await result
    return joined(result) if inspect.isgenerator(result) else result


def drive(steps, run):
    outcome = None
    while True:
        try:
            call = steps.send(outcome)
        except StopIteration as end:
            return end.value
        try:
            outcome = (run(call), None)
        except Exception as error:
            outcome = (None, error)


async def drive_async(steps):
    outcome = None
    while True:
        try:
            call = steps.send(outcome)
        except StopIteration as end:
            return end.value
        try:
            outcome = (await finish(call()), None)
        except Exception as error:
            outcome = (None, error)

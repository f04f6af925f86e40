"""Runs one Python model in a process of its own, for Slipway: python -I -S __main__.py ENVIRONMENT DIRECTORY THREADS PARENT

Speaks over the Unix socket that is file descriptor 3: frames of 16 bytes of head (length, id, kind, 0 as little-endian uint32) and a
payload. Blocks of requests and replies lie in the payload or, when they are large, in a file of shared memory whose path the payload is.
What the model prints goes to the log and can never become part of an answer.
"""
import os
import sys

environment, directory, threads, parent = sys.argv[1:5]
sys.argv = ["model"]

# Numeric libraries read these once, when they are loaded; a replica's share of the machine is no more.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(name, threads)

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, here)

import inspect
import json
import logging
import pathlib
import signal
import threading
import time
import traceback

from slipway_worker.blocks import Blocks
from slipway_worker.channel import LOADED, REFUSED, SIGNATURE, Channel, LogHandler
from slipway_worker.errors import Refused, text_of
from slipway_worker.hints import Hints
from slipway_worker.load import Context, load_handler
from slipway_worker.runner import Runner, run_now

# The model's own files first, then its packages; of this machine only the standard library, and nothing of it is ever changed.
sys.path.remove(here)
sys.path[:0] = [directory, environment]


def end_with_parent():
    """However the replica ends, this ends too; and only with it, or when it says so."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    else:

        def watch():
            while os.getppid() == int(parent):
                time.sleep(0.5)
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
    if os.getppid() != int(parent):
        os._exit(1)


def main():
    end_with_parent()
    channel = Channel()
    logger = logging.getLogger("model")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(LogHandler(channel))
    number, kind, payload = channel.receive()
    task = json.loads(payload)
    try:
        try:
            import numpy
        except ImportError as error:
            raise Refused(f"NumPy cannot be loaded from the model's environment: {text_of(error)}")
        path = pathlib.Path(directory) if task["handler"] is None else pathlib.Path(task["entry"])
        context = Context(path, task["parameters"], logger)
        model = load_handler(task["entry"], task["handler"], context)
        from_hints = Hints().signature(type(model), model)
        asynchronous = inspect.iscoroutinefunction(model.predict) or inspect.isasyncgenfunction(model.predict)
    except Refused as error:
        channel.send_json(number, REFUSED, {"text": str(error)})
        return
    except BaseException as error:
        traceback.print_exc()
        channel.send_json(number, REFUSED, {"text": f"The model does not load: {text_of(error)}"})
        return
    channel.send_json(number, LOADED, {"signature": from_hints, "async": asynchronous})
    number, kind, payload = channel.receive()
    if kind != SIGNATURE:
        return
    blocks = Blocks(numpy, json.loads(payload), task["maxOutputBytes"], task["shared"])
    runner = Runner(blocks, model, channel)
    if asynchronous:
        run_now(runner.serve_async())
    else:
        runner.serve()


main()

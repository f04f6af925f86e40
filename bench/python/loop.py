"""A model's `predict` in a loop of its own process: `loop.py SITE MODEL`. Reads a line of JSON for each thing to do, writes one."""
import importlib.util
import json
import sys
import time
import types

site, path = sys.argv[1:3]
sys.path.insert(0, site)

import numpy

spec = importlib.util.spec_from_file_location("model", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


def model_of(work):
    model = module.Model()
    model.load(types.SimpleNamespace(parameters={"work": str(work)}))
    return model


def rate(model, shape, seconds):
    values = numpy.arange(numpy.prod(shape), dtype=numpy.float32).reshape(shape) / 100
    times = []
    started = now = time.perf_counter()
    while now - started < seconds or not times:
        model.predict({"x": values})
        after = time.perf_counter()
        times.append(after - now)
        now = after
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000
    return {"requestsPerSecond": len(times) / (now - started), "leastMs": times[0] * 1000, "p50Ms": at(0.5), "p99Ms": at(0.99)}


model = None
for line in sys.stdin:
    task = json.loads(line)
    if "targetMs" in task:
        # The work that takes so long here: the loop and the servers then do the same.
        each = min(rate(model_of(20), [1, 64], 0.5)["leastMs"] for _ in range(3)) / 20
        work = max(1, round(task["targetMs"] / each))
        model = model_of(work)
        answer = {"work": work}
    else:
        answer = rate(model, task["shape"], task["seconds"])
    print(json.dumps(answer), flush=True)

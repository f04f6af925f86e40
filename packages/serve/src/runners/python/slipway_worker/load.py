"""Loads a model's handler: the class `Model` of its `model.py`, or the one of ours that its library has."""
import importlib
import importlib.util
import inspect
import sys

from .errors import Refused
from .runner import run_now


class Context:
    """What a model's `load` is given."""

    def __init__(self, path, parameters, logger):
        self.path = path
        self.parameters = parameters
        self.logger = logger


def load_handler(entry, handler, context):
    model = handler_class(entry, handler)()
    if not callable(getattr(model, "predict", None)):
        raise Refused("The class Model in model.py has no method predict(self, inputs).")
    if callable(getattr(model, "load", None)):
        loading = model.load(context)
        if inspect.isawaitable(loading):
            run_now(loading)
    return model


def handler_class(entry, handler):
    if handler is not None:
        return importlib.import_module(f"slipway_worker.handlers.{handler}").Model
    spec = importlib.util.spec_from_file_location("model", entry)
    module = importlib.util.module_from_spec(spec)
    sys.modules["model"] = module
    spec.loader.exec_module(module)
    found = getattr(module, "Model", None)
    if found is None:
        raise Refused("model.py has no class Model. Expected `class Model` with a method `predict(self, inputs)`.")
    return found

"""Named checks of a client, each reported as one line of JSON: {"check": NAME} and, when it failed, "error"."""

import inspect
import json
import sys
import traceback

checks = []


def check(function):
    """A function that raises when the server does not do what its name says."""
    checks.append(function)
    return function


def refused(call, *words):
    """The error that a call must end in; its text has these words."""
    try:
        call()
    except Exception as error:  # noqa: BLE001
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return error
    raise AssertionError("no error")


async def run_all(*arguments):
    failed = False
    for function in checks:
        report = {"check": function.__name__}
        try:
            result = function(*arguments)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001
            failed = True
            report["error"] = f"{type(error).__name__}: {error}"
            report["trace"] = traceback.format_exc()
        print(json.dumps(report), flush=True)
    sys.exit(1 if failed else 0)

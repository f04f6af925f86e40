"""What is told of a failure."""
import traceback


class Refused(Exception):
    """What no retry would mend; told to whoever starts the model."""


def text_of(error):
    """The last line of a traceback, which is what went wrong."""
    return "".join(traceback.format_exception_only(type(error), error)).strip()[-2000:]

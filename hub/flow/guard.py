"""A guard around the steps that see persons: whatever fails inside, only step, class and place come out.

Errors of the libraries show the values they stumbled over, in their text, in the errors chained to them, and
in their attributes; the frames of a traceback hold rows in their variables. None of that may reach a log, a
terminal or Airflow. Our own errors carry no value: of them the text comes out, without the frames.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from connectors.errors import LinkError
from hub.errors import HubError, InvariantBroken, bare, unforeseen

P = ParamSpec("P")
T = TypeVar("T")


def guarded(step: str, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work`; raises InvariantBroken for an error that is not one of ours. No frame of `work` hangs on to either."""
    left: BaseException
    try:
        return work(*args, **kwargs)
    except (HubError, LinkError, KeyboardInterrupt, SystemExit) as error:
        left = bare(error)
    except BaseException as error:  # noqa: BLE001  a panic of polars is no Exception, and shows values too
        left = InvariantBroken(f"{step}: {unforeseen(error)}")
    del work, args, kwargs  # this frame is in the traceback of what is raised
    raise left  # outside the except: nothing of the error hangs on to it

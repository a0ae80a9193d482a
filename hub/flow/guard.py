"""A guard around the steps that see persons: whatever fails inside, only step, class and place come out.

Errors of the libraries show the values they stumbled over, in their text, in the errors chained to them, and
in their attributes. None of that may reach a log, a terminal or Airflow. Our own errors carry no value.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from connectors.errors import LinkError
from hub.errors import HubError, InvariantBroken, unforeseen

P = ParamSpec("P")
T = TypeVar("T")


def guarded(step: str, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work`; raises InvariantBroken, with nothing chained to it, for an error that is not one of ours."""
    try:
        return work(*args, **kwargs)
    except (HubError, LinkError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  a panic of polars is no Exception, and shows values too
        broken = InvariantBroken(f"{step}: {unforeseen(error)}")
    raise broken  # outside the except: nothing of the error hangs on to it

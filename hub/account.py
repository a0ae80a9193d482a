"""Who sits at the terminal, as the operating system says: what four eyes are told apart by.

Whoever may act as the hub's user may write anything into its stores; two accounts keep two honest people apart, and
each of them from a mistake. It is no defence against an administrator.
"""

import os
import pwd
from collections.abc import Mapping

from hub.audit import ACCOUNT
from hub.errors import OperatorError


def account(environ: Mapping[str, str] = os.environ) -> str:
    """The account of the person: the one that called sudo, else that of the process. Raises OperatorError."""
    name = environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    if ACCOUNT.fullmatch(name) is None:
        raise OperatorError("the name of this account is not one that can be written down: a-z, 0-9, dots and dashes")
    return name

"""What went wrong on a link, sorted by what to do next rather than by who said it.

`retry` says whether the same call may succeed later with nobody acting. A text never repeats what the
other side said, nor a file's name or content: a partner's file name can hold a NISS. The host and port in
some are our own configuration.
"""
# ruff: noqa: N818 - the name is what happened; "Unreachable" reads as itself where it is caught

from typing import ClassVar


class LinkError(Exception):
    """Any failure of a link. Caught as one where a partner's failure must not stop the others."""

    retry: ClassVar[bool] = False


class Unreachable(LinkError):
    """No answer, a cut, a stall or the deadline: come back later."""

    retry = True


class Throttled(LinkError):
    """The other side is there and cannot serve now: too many sessions, no space left. Come back later."""

    retry = True


class Changed(LinkError):
    """The file was not the same at the end as at the beginning: somebody writes it. Look again next time."""

    retry = True


class Denied(LinkError):
    """Our key or our rights are refused. Stop: only they can give them, and trying again locks us out."""


class HostKeyMismatch(LinkError):
    """The server is not one that we pinned. Stop: nothing was sent to it beyond the greeting."""


class ProtocolBroken(LinkError):
    """The other side said, or was asked, what the protocol does not allow. Stop: one of us has a defect."""


class Unsupported(ProtocolBroken):
    """The server does not know this request. Stop, unless there is another way to the same end."""


class Missing(LinkError):
    """There is no such file or folder. The caller knows whether that is an error."""


class Exists(LinkError):
    """The target is there and is never written over. The caller compares it with what it meant to put."""


class TooLarge(LinkError):
    """The file is larger than we agreed to take. Stop: nothing of it was kept."""


class Refused(LinkError):
    """The other side has read what we sent and does not take it. Stop: it has to say what is wrong with it."""


class Tampered(LinkError):
    """A sealed file does not open: cut, reordered, altered, or sealed for another key or purpose."""


class BadKey(LinkError):
    """A public or private key is none of its kind, or of too weak a one. Stop: whoever owns it gives another."""


class NotInstalled(LinkError):
    """An optional package that this format needs is not installed. Stop: an operator installs it."""

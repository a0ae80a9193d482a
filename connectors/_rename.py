"""Moving a file on a server, never over another, whatever the server understands by that.

Decides the order: look at the target; the plain rename, which must refuse a target (draft, section 6.5); OpenSSH's
`posix-rename` where the plain one fails and nothing is in the way; a copy where the server knows neither. Only that
last one can show a file before it is whole: what announces a file is moved after it.
"""

from connectors import _wire
from connectors._download import download
from connectors._upload import upload
from connectors._visit import Visit
from connectors._wire import string
from connectors.errors import Denied, Exists, Missing, Throttled, Unsupported

POSIX = b"posix-rename@openssh.com"
_TAKEN = "there is a file of that name"


def rename(visit: Visit, source: bytes, target: bytes) -> None:
    """Moves `source` to `target`, paths as the protocol writes them. Exists, Missing, or what the server means.

    The target is looked at first because some servers write over it. Another look tells a refusal from a full disk.
    """
    if _there(visit, target):
        _finish_copy(visit, source, target)
        return
    try:
        visit.session.call(_wire.RENAME, source, target)
    except (Throttled, Unsupported) as error:
        taken, left = _there(visit, target), _there(visit, source)
        if taken and not left:
            return  # done, whatever it says: nothing had that name, and the file is under it
        if taken:
            raise Exists(_TAKEN) from None
        if not left:
            raise Missing("there is no such file") from None
        _otherwise(visit, source, target, error)


def _otherwise(visit: Visit, source: bytes, target: bytes, error: Throttled | Unsupported) -> None:
    """Another way to the same end; the first refusal, if there is none."""
    if POSIX in visit.session.extensions:
        try:
            visit.session.call(_wire.EXTENDED, string(POSIX), source, target)
            return
        except (Throttled, Unsupported):  # announced, then unsupported: some do
            if _there(visit, target):
                raise Exists(_TAKEN) from None
    if not isinstance(error, Unsupported):
        raise error
    _copy(visit, source, target)


def _copy(visit: Visit, source: bytes, target: bytes) -> None:
    upload(visit, target, b"".join(download(visit, source, 0)))
    visit.session.call(_wire.REMOVE, source)


def _finish_copy(visit: Visit, source: bytes, target: bytes) -> None:
    """The target is there: Exists, unless the server knows no rename and the target is a beginning of the source.

    That is what a copy of ours leaves that was cut.
    """
    if _knows_rename(visit, source) or not _there(visit, source):
        raise Exists(_TAKEN)
    try:
        whole, found = b"".join(download(visit, source, 0)), b"".join(download(visit, target, 0))
    except (Denied, Throttled):  # a folder, or what is not ours to read
        raise Exists(_TAKEN) from None
    if source == target or not whole.startswith(found):
        raise Exists(_TAKEN)
    if found != whole:
        visit.session.call(_wire.REMOVE, target)
        upload(visit, target, whole)
    visit.session.call(_wire.REMOVE, source)


def _knows_rename(visit: Visit, source: bytes) -> bool:
    """Whether the server knows any rename, asked with names that nothing has: it then misses the file."""
    nothing = string(source[4:] + b".nothing.part")
    try:
        visit.session.call(_wire.RENAME, nothing, nothing)
    except Unsupported:
        return False
    except (Missing, Throttled, Exists):
        return True
    return True


def _there(visit: Visit, path: bytes) -> bool:
    try:
        visit.session.call(_wire.LSTAT, path, expect=_wire.ATTRS)
    except Missing:
        return False
    return True

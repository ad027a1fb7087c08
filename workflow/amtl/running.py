"""Whether another run is alive in this folder, so that only a dead run's lock is taken away.

Every Snakemake process of the workflow holds a shared lock on one file until it ends, however it ends; its
jobs do not. ``python -m amtl.running`` ends well only when nobody holds that lock. A run that is about to
start jobs holds a second lock alone.
"""

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from amtl.errors import InputError, run
from amtl.provenance import KEPT, PARTS

LOCK = Path(".snakemake/running")
ALONE = Path(".snakemake/working")
BUSY = "another run works in this folder; wait until it ends, or stop it"
UNKNOWN = (
    "the folder is locked, and its file system cannot tell whether another run works in it; if none does, "
    "unlock it: snakemake --unlock"
)
RESULTS = Path("results")
# What a file system says of a lock that another process holds.
HELD = (errno.EWOULDBLOCK, errno.EACCES)
_held = []


def require_writable():
    """Raise InputError unless the working directory and all folders of results in it may be written to."""
    for path in (Path.cwd(), LOCK.parent, RESULTS, KEPT, *(KEPT / part for part in PARTS)):
        require_place(path)
    for parent, folders, _ in os.walk(RESULTS):
        for name in folders:
            _require_rights(Path(parent, name))
        if Path(parent) == RESULTS and KEPT.name in folders:
            # It has a file for each result, and the folders in it are looked at already.
            folders.remove(KEPT.name)


def require_place(path):
    """Raise InputError when `path` is there and is no folder that may be read and written to."""
    if os.path.lexists(path) and not path.is_dir():
        what = "a link to nowhere" if path.is_symlink() else "a file"
        raise InputError(f"{path}: is {what} where the run needs a folder; move it away")
    if path.exists():
        _require_rights(path)


def _require_rights(folder):
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError(
            f"{folder}: no right to read and write in this folder; change its rights, or run in another "
            "one with --directory"
        )


def announce():
    """Hold the shared lock of the working directory until this process ends."""
    LOCK.parent.mkdir(exist_ok=True)
    # NFS gives a shared lock only to who may read.
    stream = LOCK.open("a+")
    with contextlib.suppress(OSError):  # a file system without locks: nothing to announce
        fcntl.flock(stream, fcntl.LOCK_SH)
    _held.append(stream)


def work_alone():
    """Hold the folder's other lock until this process ends; raise InputError if another process does."""
    stream = ALONE.open("a")
    with contextlib.suppress(OSError):  # a file system without locks
        if _is_taken(stream, fcntl.LOCK_EX):
            raise InputError(BUSY)
    _held.append(stream)


def another_works():
    """Say whether another process holds the lock of `work_alone`."""
    if not ALONE.exists():
        return False
    with ALONE.open("a+") as stream, contextlib.suppress(OSError):
        return _is_taken(stream, fcntl.LOCK_SH)
    return False


def _is_taken(stream, kind):
    """Lock the file of `stream`, or say that another process has; raise OSError where there are no locks."""
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in HELD:
            raise
        return True
    return False


def main():
    if not LOCK.exists():
        return
    with LOCK.open("a") as stream:
        try:
            taken = _is_taken(stream, fcntl.LOCK_EX)
        except OSError:
            raise InputError(UNKNOWN) from None
        if taken:
            raise InputError(BUSY)


if __name__ == "__main__":
    run(main)

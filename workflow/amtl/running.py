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
    """Raise InputError unless the working directory and the folders of results in it may be written to."""
    inside = sorted(path for path in RESULTS.iterdir() if path.is_dir()) if _may_read(RESULTS) else []
    for path in (Path.cwd(), LOCK.parent, RESULTS, *inside):
        if path.exists() and not path.is_dir():
            raise InputError(f"{path}: is a file where the run needs a folder; move it away")
        if path.exists() and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise InputError(
                f"{path}: no right to read and write in this folder; change its rights, or run in another "
                "one with --directory"
            )


def _may_read(folder):
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)


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
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(BUSY) from None
    except OSError:  # a file system without locks
        pass
    _held.append(stream)


def another_works():
    """Say whether another process holds the lock of `work_alone`."""
    if not ALONE.exists():
        return False
    with ALONE.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno in HELD
    return False


def main():
    if not LOCK.exists():
        return
    with LOCK.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(BUSY if error.errno in HELD else UNKNOWN) from None


if __name__ == "__main__":
    run(main)

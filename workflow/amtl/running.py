"""Whether another run is alive in this folder, so that only a dead run's lock is taken away.

Every Snakemake process of the workflow holds a shared lock on one file until it ends, however it ends; its
jobs do not. ``python -m amtl.running`` ends well only when nobody holds that lock. A run that is about to
start jobs holds a second lock alone.
"""

import contextlib
import fcntl
from pathlib import Path

from amtl.errors import InputError, run

LOCK = Path(".snakemake/running")
ALONE = Path(".snakemake/working")
BUSY = "another run works in this folder; wait until it ends, or stop it"
_held = []


def announce():
    """Hold the shared lock of the working directory until this process ends."""
    LOCK.parent.mkdir(exist_ok=True)
    stream = LOCK.open("a")
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


def main():
    if not LOCK.exists():
        return
    with LOCK.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(BUSY) from None


if __name__ == "__main__":
    run(main)

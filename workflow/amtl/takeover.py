"""Which run may write: what a killed run left at work must not overwrite what a later run has made.

A run writes its own name into one file when it starts, and hands it to its jobs. A job puts its result in
place only while that name is still there.
"""

import contextlib
import fcntl
import os
import re
import uuid
from pathlib import Path

from amtl.errors import InputError

CURRENT = Path(".snakemake/current-run")
VARIABLE = "AMTL_RUN"
# What `amtl.files.replacing` leaves behind when its process is killed. A download goes on later and is none.
LEFTOVER = re.compile(r"\..+\.\d{1,7}\.part")


def take_over(results=Path("results")):
    """Make this process the run that may write, and remove the unfinished files of the ones before it."""
    name = uuid.uuid4().hex
    with CURRENT.open("a+") as stream:
        _lock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(name)
        stream.flush()
        for path in results.rglob(".*.part"):
            if LEFTOVER.fullmatch(path.name):
                path.unlink(missing_ok=True)
    os.environ[VARIABLE] = name


@contextlib.contextmanager
def still_ours():
    """Keep other runs from taking over while the block puts a result in place.

    Raises InputError when one has already. Outside of a run, or of its folder, any block may.
    """
    name = os.environ.get(VARIABLE)
    if not name or not CURRENT.exists():
        yield
        return
    with CURRENT.open() as stream:
        _lock(stream, fcntl.LOCK_SH)
        if stream.read() != name:
            raise InputError(
                "a later run works in this folder; the result of this job of an earlier one is dropped"
            )
        yield


def require_current():
    """Raise InputError in a job of a run that another has taken over from."""
    with still_ours():
        pass


def _lock(stream, kind):
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(stream, kind)

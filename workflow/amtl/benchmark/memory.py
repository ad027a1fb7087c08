"""How much memory this process holds, and the most that it held since a moment of one's choosing."""

import contextlib
import resource
import sys

STATUS = "/proc/self/status"
MIB = 2.0**20


def held():
    """Return the MiB that this process holds now, or at most so far where the system does not tell."""
    return _status("VmRSS")


def most():
    """Return the most MiB that this process has held since `forget_most`, or since its start."""
    return _status("VmHWM")


def forget_most():
    """Count the most that is held from here on, where the system allows it (Linux)."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as stream:
        stream.write("5")


def limit(gib):
    """Let this process fail, with MemoryError, where it would reserve more than `gib` GiB."""
    size = int(gib * 2**30)
    with contextlib.suppress(OSError, ValueError):  # a system without such limits
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _status(key):
    # Not ru_maxrss, which a new process takes over from the one that started it.
    with contextlib.suppress(OSError), open(STATUS) as stream:
        for line in stream:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024 / MIB
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB

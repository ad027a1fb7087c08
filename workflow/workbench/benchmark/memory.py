"""The memory of a process: what it holds now, and its peak since a chosen moment."""

import contextlib
import resource
import sys

MIB = 2.0**20


def held():
    """Return the MiB that this process holds now; its peak so far where the system does not report that."""
    return _status("VmRSS")


def peak(process="self"):
    """Return the peak memory of a process in MiB since it called `reset_peak`.

    process : ``self`` or a process id. Returns None for another process where the system does not report it.
    """
    return _status("VmHWM", process)


def reset_peak():
    """Start a new count of this process's peak memory, where the system allows it (Linux)."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as stream:
        stream.write("5")


def limit(gib):
    """Make this process raise MemoryError above `gib` GiB, where the system allows it."""
    size = int(gib * 2**30)
    with contextlib.suppress(OSError, ValueError):  # a system without such limits
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _status(key, process="self"):
    # Not ru_maxrss: a new process inherits that of its parent.
    with contextlib.suppress(OSError), open(f"/proc/{process}/status", encoding="utf-8") as stream:
        for line in stream:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024 / MIB
    if process != "self":
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB

"""How much memory this process holds, and the most that it held since a moment of one's choosing."""

import contextlib
import resource
import sys

MIB = 2.0**20


def held():
    """Return the MiB that this process holds now, or at most so far where the system does not tell."""
    return _status("VmRSS")


def most(process="self"):
    """Return the most MiB that a process, this one or that of an id, has held since it called `forget_most`.

    None for another process where the system does not tell.
    """
    return _status("VmHWM", process)


def forget_most():
    """Count the most that is held from here on, where the system allows it (Linux)."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as stream:
        stream.write("5")


def limit(gib):
    """Let this process fail, with MemoryError, where it would reserve more than `gib` GiB."""
    size = int(gib * 2**30)
    with contextlib.suppress(OSError, ValueError):  # a system without such limits
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _status(key, process="self"):
    # Not ru_maxrss, which a new process takes over from the one that started it.
    with contextlib.suppress(OSError), open(f"/proc/{process}/status") as stream:
        for line in stream:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024 / MIB
    if process != "self":
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB

"""The one error type that is meant for the user's eyes, and how a script shows it."""

import difflib
import sys


class InputError(ValueError):
    """Something the user supplied cannot be used.

    The message is one line that names the file, key or task and says what to do.
    """


def nearest(name, valid):
    """Return a hint such as ``; did you mean 'amtl'?`` or a list of the valid names."""
    valid = sorted(valid)
    close = difflib.get_close_matches(str(name), valid, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; valid names: {', '.join(valid)}"


def run(main):
    """Call a script's `main` and end the process with one line instead of a traceback
    when the cause is the user's input or a limit on memory. A defect of ours still shows its traceback.
    """
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except MemoryError as error:
        what = f" ({error})" if str(error) else ""
        sys.exit(f"error: out of memory{what}: raise what this job may hold, such as ulimit -v")

"""The one error type that is meant for the user's eyes, and how a script shows it."""

import difflib
import sys
import traceback


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
    """Call a script's `main` and end the process with one line instead of a traceback when the cause is the
    user's input or the user's machine, such as a limit on memory. A defect of ours still shows its traceback,
    before the line that a failed run repeats at its end.
    """
    try:
        main()
        return
    except InputError as error:
        line = str(error)
    except MemoryError as error:
        what = f" ({error})" if str(error) else ""
        line = f"out of memory{what}: raise what this job may hold, such as ulimit -v"
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        line = (
            f"{where}cannot be read or written ({error.strerror or error}); check that it is there, the "
            "rights to it and the room on the disk"
        )
    except Exception as error:
        traceback.print_exc()
        line = f"{type(error).__name__}: {error}"
    end(line)


def end(problem):
    """End the process with `problem`, a text or an error, as its one line of complaint."""
    # What is quoted, such as the name of a file, may hold line breaks.
    print("error:", " ".join(str(problem).splitlines()), file=sys.stderr)
    sys.exit(1)

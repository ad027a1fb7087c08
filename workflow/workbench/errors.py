"""How a script reports an error: one line on standard error, and exit code 1."""

import sys
import traceback

from amtl.errors import InputError


def run(main):
    """Call a script's `main`. Errors of the user's input or machine end it with one line, no traceback.

    Other exceptions are defects of this project: their traceback is printed before the line.
    """
    try:
        main()
        return
    except InputError as error:
        line = str(error)
    except MemoryError as error:
        what = f" ({error})" if str(error) else ""
        line = f"out of memory{what}: raise the memory limit of this job, for example with ulimit -v"
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        line = (
            f"{where}cannot be read or written ({error.strerror or error}); check that it exists, its "
            "permissions and the free disk space"
        )
    except Exception as error:
        traceback.print_exc()
        line = f"{type(error).__name__}: {error}"
    end(line)


def end(problem):
    """Print `problem`, a text or an exception, as one error line and end the process."""
    # A quoted file name may hold line breaks.
    print("error:", " ".join(str(problem).splitlines()), file=sys.stderr)
    sys.exit(1)

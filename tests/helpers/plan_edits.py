"""What a run would do after each of many edits: ``python plan_edits.py ARGUMENT... < names of files``.

To each file in turn a statement is added before Snakemake is called with the arguments, and then taken away
again. Prints a line of JSON for each: [name, what Snakemake printed]. Snakemake is imported once, and forked.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

# The rest that a start of the workflow imports.
import jsonschema  # noqa: F401
import numpy  # noqa: F401
import pandas  # noqa: F401
import snakemake.cli
import yaml  # noqa: F401

STATEMENT = "\nADDED_BY_AN_EDIT = 1\n"


def output_of(arguments):
    """Return what Snakemake prints with `arguments`, run in a fork of this process."""
    with tempfile.TemporaryFile() as stream:
        child = os.fork()
        if child == 0:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
            snakemake.cli.main(arguments)
            os._exit(0)
        os.waitpid(child, 0)
        stream.seek(0)
        return stream.read().decode()


def main():
    for name in sys.stdin.read().split():
        path = Path(name)
        before = path.read_bytes()
        path.write_bytes(before + STATEMENT.encode())
        try:
            print(json.dumps([name, output_of(sys.argv[1:])]), flush=True)
        finally:
            path.write_bytes(before)


if __name__ == "__main__":
    main()

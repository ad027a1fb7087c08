"""The records of what each result was made from: they lie with the results, and no result counts without one.

Snakemake keeps a record of every output (parameters, code, inputs and their checksums) and a mark on every
output that is being made. Both are kept in ``results/provenance``, so that they go where the results go.
"""

import base64
import contextlib
import json
import os
import shutil
from pathlib import Path

from amtl.errors import InputError

SNAKEMAKE = Path(".snakemake")
KEPT = Path("results/provenance")
PARTS = ("metadata", "incomplete")
# Older than any input; Snakemake takes a date of 0 for none.
LONG_AGO = 1


def keep_with_results():
    """Make Snakemake keep its records in the folder `KEPT`."""
    for part in PARTS:
        place, kept = SNAKEMAKE / part, KEPT / part
        kept.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():
            continue
        # Records that lie elsewhere are not those of the results here.
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):  # another start was quicker
            place.symlink_to(os.path.relpath(kept, place.parent), target_is_directory=True)


def known():
    """Return the outputs that have a record, or are marked as being made."""
    found = set()
    for part in PARTS:
        top = SNAKEMAKE / part
        for folder, _, names in os.walk(top):
            # A long name is spread over folders that begin with @.
            folders = [each.removeprefix("@") for each in Path(folder).relative_to(top).parts]
            for name in names:
                # Both errors are ValueErrors: what file systems and desktops leave has no name of a record.
                with contextlib.suppress(ValueError):
                    output = base64.urlsafe_b64decode("".join([*folders, name])).decode()
                    if part != "metadata" or _is_record(Path(folder, name)):
                        found.add(output)
    return found


def _is_record(path):
    """Say whether the file of a record was written to its end; Snakemake takes another one for none."""
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (OSError, ValueError):
        return False


def forget(path):
    """Remove the record of the output `path`, given as the workflow names it."""
    top = SNAKEMAKE / "metadata"
    if not top.is_dir():
        return
    name, most = base64.urlsafe_b64encode(str(path).encode()).decode(), os.pathconf(top, "PC_NAME_MAX") - 1
    *folders, last = (name[first : first + most] for first in range(0, len(name), most))
    top.joinpath(*(f"@{each}" for each in folders), last).unlink(missing_ok=True)


def distrust_unrecorded(outputs, results=Path("results")):
    """Date the files that nothing is known of back, so that they are made again.

    outputs : the patterns of the workflow's outputs, each with a method ``match``; other files are left as
        they are. Raises InputError for a file whose date may not be changed.
    """
    recorded = known()
    for path in results.rglob("*"):
        if str(path) not in recorded and path.is_file() and any(each.match(str(path)) for each in outputs):
            try:
                # A record that is none would bring Snakemake down.
                forget(path)
                os.utime(path, (LONG_AGO, LONG_AGO))
            except PermissionError as error:
                raise InputError(
                    f"{path}: has to be made again, as no record says what it was made from, but belongs to "
                    f"another user ({error.strerror}); delete it, or run in another folder with --directory"
                ) from None

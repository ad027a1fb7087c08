"""Records in JSON: of fits, which cases start from, and of measured cases and axes."""

import json
from pathlib import Path

from amtl.errors import InputError

CASE = {"case", "title", "plan", "not_run", "datasets", "settings", "versions"}
AXIS = {"axis", "base", "curves"}


def read(paths, keys):
    """Return the records at `paths`; raise InputError that names the first file without all of `keys`."""
    found = []
    for path in map(Path, paths):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            missing = sorted(keys.difference(record))
            if missing:
                raise ValueError(f"no {missing[0]}")
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"{path}: not a readable record ({error}); delete it and run the workflow again"
            ) from None
        found.append(record)
    return found

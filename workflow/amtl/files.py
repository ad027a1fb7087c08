"""Writing results: a file is there whole or not at all, and the same content is the same bytes."""

import errno
import json
import os
from contextlib import contextmanager
from pathlib import Path

from amtl.errors import InputError
from amtl.provenance import forget
from amtl.takeover import still_ours

# The reasons for which the user has to make a place for a file.
NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
NO_PLACE += (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


@contextmanager
def placing(path, *others):
    """Raise InputError that names `path` when the block fails for want of rights or room to write it.

    others : paths beside `path` that the block writes for it.
    """
    path = Path(path)
    ours = {str(each) for each in (path, *others, *path.parents)}
    try:
        yield
    except OSError as error:
        # No name comes with what fails in the middle of writing.
        if error.errno not in NO_PLACE or not (error.filename is None or str(error.filename) in ours):
            raise
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); check the rights to {path.parent}/ and the room "
            "on its disk"
        ) from None


@contextmanager
def replacing(path):
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well.

    Raises InputError that names `path` when it cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with placing(path, temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with still_ours():
                # The record is that of the content before. A run makes a new one when the job has ended;
                # where it died before, the file is of unknown origin.
                forget(path)
                os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write `text` to `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, content):
    """Write `content` as indented JSON with a stable order of keys."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")

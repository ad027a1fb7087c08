"""Writing results: a file is there whole or not at all, and the same content is the same bytes."""

import errno
import json
import os
from contextlib import contextmanager
from pathlib import Path

from amtl.errors import InputError

# The reasons for which the user has to make a place for a file.
NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
NO_PLACE += (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


@contextmanager
def placing(path):
    """Raise InputError that names `path` when the block fails for want of rights or room to write it."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_PLACE:
            raise
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); check the rights to {Path(path).parent}/ and the "
            "room on its disk"
        ) from None


@contextmanager
def replacing(path):
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with placing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
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

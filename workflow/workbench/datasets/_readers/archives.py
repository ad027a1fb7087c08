"""Reading members of an archive without unpacking it, so that no member can be written outside its folder.

An archive is refused as a whole if a member's name points outside the archive's folder, if it has links or
devices, or if it unpacks to more than its dataset can hold.
"""

import re
import stat
import zipfile
from contextlib import contextmanager
from pathlib import PurePosixPath

from amtl.errors import InputError

REFUSED = "do not use this archive"


def check_name(where, name):
    """Raise InputError, which begins with `where`, for a member with an absolute name or one with ``..``."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name):
        raise InputError(f"{where}: the name points outside the archive's folder; {REFUSED}")


def check_size(where, size, limit):
    """Raise InputError, which begins with `where`, when `size` bytes are more than `limit`."""
    if size > limit:
        raise InputError(f"{where}: {size:,} bytes unpacked, more than the limit of {limit:,}; {REFUSED}")


class Metered:
    """A stream that raises InputError after `allowed` bytes, a number that may be raised between reads."""

    def __init__(self, where, stream, allowed):
        self.where, self.allowed = where, allowed
        self._stream, self._read = stream, 0

    def read(self, size):
        block = self._stream.read(size)
        self._read += len(block)
        check_size(self.where, self._read, self.allowed)
        return block


@contextmanager
def open_member(path, name, limit):
    """Yield the bytes of the member `name` of the zip archive `path` as a stream of at most `limit` bytes.

    Raises InputError that names the archive and the member when it is missing, damaged or refused.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                check_name(f"{path}: {member.filename}", member.filename)
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise InputError(f"{path}: {member.filename}: is a link; {REFUSED}")
            check_size(f"{path}: {name}", archive.getinfo(name).file_size, limit)
            with archive.open(name) as stream:
                yield stream
    except InputError:
        raise
    except KeyError:
        raise InputError(f"{path}: {name} is missing; not the right file, get a fresh copy") from None
    except Exception as error:  # zipfile raises errors of many kinds on damaged files
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: {name} cannot be read ({type(error).__name__}: {reason}); not a readable zip file: "
            "it is damaged or incomplete, get a fresh copy"
        ) from None

"""Checksums of raw files, and the check of a file against what the registry says of its content."""

import gzip
import hashlib
import os
import zlib

from amtl.errors import InputError

SUMS = ("sha256", "md5", "git_blob")
CHUNK = 1 << 16
# What reading a gzip file raises when it is damaged or incomplete.
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


class WrongContent(Exception):
    """The content of a file or of a download is not what the registry says."""


def has_sum(entry):
    """Return whether the registry has a checksum of the file."""
    return any(entry[kind] for kind in SUMS)


def verify(name, entry, path, checksum=""):
    """Return the name, sha256, bytes and verified (the registry has a checksum) of the raw file at `path`.

    entry : its registry entry, or the identity of it.
    checksum : the sha256 that a file without a checksum in the registry must have, or "" for any.
    Raises InputError when the file is missing or its content differs.
    """
    try:
        sha256, size, wrong = measure(entry, path, checksum)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the workflow again") from None
    if wrong:
        raise InputError(f"{path}: not the right file: {wrong}; delete it and run the workflow again")
    return {"name": name, "sha256": sha256, "bytes": size, "verified": has_sum(entry)}


def measure(entry, path, checksum=""):
    """Return the sha256 and the size of the unpacked file at `path`, and how it differs from its entry.

    The third value is a text, empty if nothing differs. checksum : as for `verify`.
    """
    expected = {kind: entry[kind] for kind in SUMS if entry[kind]}
    if checksum and not expected:
        expected["sha256"] = checksum
    size = os.path.getsize(path)
    states = {kind: hashlib.new(kind, usedforsecurity=False) for kind in ("sha256", "md5")}
    # A git blob id is the SHA-1 of a header and the content.
    states["git_blob"] = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    states = {kind: states[kind] for kind in {"sha256", *expected}}
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            for state in states.values():
                state.update(chunk)
    found = {kind: state.hexdigest() for kind, state in states.items()}
    # A git blob id may be given by its first digits.
    wrong = [
        f"{kind} {found[kind]}, expected {value}"
        for kind, value in expected.items()
        if not found[kind].startswith(value)
    ]
    if entry["bytes"] not in (None, size):
        wrong.insert(0, f"{size} bytes, expected {entry['bytes']}")
    return found["sha256"], size, ", ".join(wrong)


def open_content(entry, path):
    """Open the file for reading; a gzip file is unpacked where the entry's sums are those of the content."""
    with open(path, "rb") as stream:
        packed = entry["sum_of"] == "content" and stream.read(2) == b"\x1f\x8b"
    return (gzip.open if packed else open)(path, "rb")

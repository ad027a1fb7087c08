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
    expected = _expected(entry, checksum)
    try:
        found = _measure(path, {"sha256", *expected})
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the workflow again") from None
    if wrong := _differences(expected, found):
        raise InputError(f"{path}: not the right file: {wrong}; delete it and run the workflow again")
    return {
        "name": name,
        "sha256": found["sha256"],
        "bytes": found["bytes"],
        "verified": has_sum(entry),
    }


def mismatch(entry, path, checksum=""):
    """Return how the unpacked file at `path` differs from its entry or `checksum`, or an empty string."""
    expected = _expected(entry, checksum)
    return _differences(expected, _measure(path, expected))


def content_sha256(entry, path):
    """Return the sha256 of the content of the file at `path`, unpacked where the entry says so."""
    with open_content(entry, path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_content(entry, path):
    """Open the file for reading; a gzip file is unpacked where the entry's sums are those of the content."""
    with open(path, "rb") as stream:
        packed = entry["sum_of"] == "content" and stream.read(2) == b"\x1f\x8b"
    return (gzip.open if packed else open)(path, "rb")


def _expected(entry, checksum):
    """Return {"bytes" or the name of a sum: what it must be}."""
    expected = {kind: entry[kind] for kind in ("bytes", *SUMS) if entry[kind] is not None}
    if checksum and not has_sum(entry):
        expected["sha256"] = checksum
    return expected


def _measure(path, kinds):
    """Return the size and the sums `kinds` of a file, which is read once and only for sums."""
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        states = {kind: _new_state(kind, size) for kind in kinds if kind != "bytes"}
        while states and (chunk := stream.read(CHUNK)):
            for state in states.values():
                state.update(chunk)
    return {"bytes": size, **{kind: state.hexdigest() for kind, state in states.items()}}


def _new_state(kind, size):
    if kind == "git_blob":
        # A git blob id is the SHA-1 of a header and the content.
        return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    return hashlib.new(kind, usedforsecurity=False)


def _differences(expected, found):
    """Return the differences in words, or an empty string."""
    wrong = []
    for kind, value in expected.items():
        if kind == "bytes" and found["bytes"] != value:
            wrong.append(f"{found['bytes']} bytes, expected {value}")
        # A git blob id may be given by its first digits.
        elif kind != "bytes" and not found[kind].startswith(value):
            wrong.append(f"{kind} {found[kind]}, expected {value}")
    return ", ".join(wrong)

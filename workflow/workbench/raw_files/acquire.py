"""One raw file: from the data folder or by download, unpacked, checked and put in its place.

The file is copied next to its destination, checked there and renamed, so the destination is the right file
or absent.
"""

import sys
from pathlib import Path

from amtl.errors import InputError
from workbench.raw_files.checksums import CHUNK, DAMAGED, WrongContent, measure, open_content
from workbench.raw_files.data_folder import find_local, how_to_supply
from workbench.raw_files.download import download, local_path, reason_of
from workbench.raw_files.registry import max_download_bytes, may_download
from workbench.result_files import replacing


def acquire(name, entry, folder, output, attempts=4, timeout=30.0, backoff=1.0, checksum=""):
    """Put the raw file `name` at `output`, checked.

    folder : the local data folder, or None. A file found there is used; if it is the wrong file, that is an
        error and nothing is downloaded.
    attempts, timeout, backoff : tries per address, seconds without an answer, and seconds before the second
        try, doubled for each further one.
    checksum : the sha256 that a file without a checksum in the registry must have, or "" for any.
    Raises InputError that names the file, the sums, the addresses tried and how to supply the file by hand.
    """
    local = find_local(entry, folder)
    if local is not None:
        try:
            _store(local, entry, output, checksum)
        except (OSError, WrongContent) as error:
            raise InputError(
                f"{name}: {local} in the data folder cannot be used: {reason_of(error)}; replace or remove "
                "it, and run the workflow again"
            ) from None
        print(f"{name}: taken from the data folder, {local}", file=sys.stderr)
        return
    failures = []
    for url in entry["urls"] if may_download(entry) else []:
        try:
            _fetch(name, entry, url, Path(output), attempts, timeout, backoff)
        except InputError:  # the destination cannot be written
            raise
        except Exception as error:  # whatever is wrong with one address, the next one is tried
            failures.append(f"{url} ({reason_of(error)})")
        else:
            print(f"{name}: downloaded from {url}", file=sys.stderr)
            return
    raise InputError(how_to_supply(name, entry, folder, failures))


def _fetch(name, entry, url, output, *patience):
    """Download `url` to a partial file, which a later attempt or run continues, and store it at `output`."""
    if local := local_path(url):
        _store(local, entry, output)
        return
    part = output.with_name(f".{output.name}.part")
    resumed = part.exists()
    try:
        download(name, url, part, max_download_bytes(entry), *patience)
        _store(part, entry, output)
    except WrongContent:
        part.unlink(missing_ok=True)
        if not resumed:
            raise
        # The part may belong to another address or another version of the file.
        print(f"{name}: the resumed download is not the right file; starting again", file=sys.stderr)
        _fetch(name, entry, url, output, *patience)
    part.unlink(missing_ok=True)


def _store(source, entry, output, checksum=""):
    """Copy `source` to `output`, unpacked where the registry's sums are those of the content, and check it.

    Raises WrongContent, and leaves `output` as it was, when the copy is not the right file.
    """
    with replacing(output) as temporary:
        try:
            with open_content(entry, source) as stream, open(temporary, "wb") as target:
                _copy(stream, target, entry["bytes"])
        except DAMAGED as error:
            raise WrongContent(f"damaged or incomplete gzip file, {error}") from None
        if wrong := measure(entry, temporary, checksum)[2]:
            raise WrongContent(wrong)


def _copy(stream, target, size):
    """Copy `stream` to `target`; raise WrongContent after `size` bytes, where the registry knows the size.

    A small archive may unpack to more than the disk holds.
    """
    copied = 0
    while chunk := stream.read(CHUNK):
        copied += len(chunk)
        if size is not None and copied > size:
            raise WrongContent(f"more than the expected {size} bytes")
        target.write(chunk)

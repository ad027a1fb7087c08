"""One raw file: from the data folder or by download, unpacked, checked and put in its place.

The file is copied next to its destination, checked there and renamed, so the destination is the right file
or absent.
"""

import hashlib
import sys
from pathlib import Path

from amtl.errors import InputError
from workbench.raw_files.checksums import CHUNK, DAMAGED, WrongContent, mismatch, open_content
from workbench.raw_files.data_folder import find_local, how_to_supply
from workbench.raw_files.download import download, local_path, reason_of
from workbench.raw_files.registry import max_download_bytes, may_download
from workbench.result_files import placing, replacing


def acquire(
    name,
    entry,
    folder,
    output,
    attempts=4,
    timeout=30.0,
    backoff=1.0,
    checksum="",
    before_placing=lambda: None,
):
    """Put the raw file `name` at `output`, checked.

    folder : the local data folder, or None. A file found there is used; if it is the wrong file, that is an
        error and nothing is downloaded.
    attempts, timeout, backoff : tries per address, seconds without an answer, and seconds before the second
        try, doubled for each further one.
    checksum : the sha256 that a file without a checksum in the registry must have, or "" for any.
    before_placing : called after the check; the file is put in place unless it raises.
    Raises InputError that names the file, the sums, the addresses tried and how to supply the file by hand.
    """

    def store(source):
        _store(source, entry, output, checksum, before_placing)

    local = find_local(entry, folder)
    if local is not None:
        _take(name, local, store, checksum)
        return
    failures = []
    for url in entry["urls"] if may_download(entry) else []:
        try:
            _fetch(name, entry, url, _partial_path(output, url), store, (attempts, timeout, backoff))
        except InputError:  # the destination cannot be written, or the job must not place the file
            raise
        except Exception as error:  # whatever is wrong with one address, the next one is tried
            failures.append(f"{url} ({reason_of(error)})")
        else:
            print(f"{name}: downloaded from {url}", file=sys.stderr)
            return
    raise InputError(how_to_supply(name, entry, folder, failures))


def _take(name, local, store, checksum):
    """Store the file `local` of the data folder."""
    try:
        store(local)
    except PermissionError as error:
        raise InputError(
            f"{name}: {local} in the data folder cannot be read: {error.strerror}; change its rights, or "
            "those of its folder, or remove it"
        ) from None
    except (OSError, WrongContent) as error:
        advice = "replace or remove it"
        if checksum:
            advice += ", or run the workflow again if it was replaced during the run"
        raise InputError(
            f"{name}: {local} in the data folder cannot be used: {reason_of(error)}; {advice}"
        ) from None
    print(f"{name}: taken from the data folder, {local}", file=sys.stderr)


def _fetch(name, entry, url, part, store, patience):
    """Download `url` to the file `part`, which a later run continues, and store it.

    patience : attempts, timeout and backoff.
    """
    local = local_path(url)
    if local is not None:
        store(local)
        return
    with placing(part):
        part.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.exists()
    try:
        download(name, url, part, max_download_bytes(entry), *patience)
        store(part)
    except WrongContent:
        part.unlink(missing_ok=True)
        if not resumed:
            raise
    else:
        part.unlink()
        return
    # The part that an earlier run left may belong to another version of the file.
    print(f"{name}: the resumed download is not the right file; starting again", file=sys.stderr)
    _fetch(name, entry, url, part, store, patience)


def _partial_path(output, url):
    """Return the path of the partial download; each address has its own, since their files may differ."""
    output = Path(output)
    return output.with_name(f".{output.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")


def _store(source, entry, output, checksum, before_placing):
    """Copy `source` to `output`, unpacked where the registry's sums are those of the content, and check it.

    Raises WrongContent, and leaves `output` as it was, when the copy is not the right file.
    """
    with replacing(output) as temporary:
        try:
            with open_content(entry, source) as stream, open(temporary, "wb") as target:
                _copy(stream, target, entry["bytes"])
        except DAMAGED as error:
            raise WrongContent(f"damaged or incomplete gzip file, {error}") from None
        if wrong := mismatch(entry, temporary, checksum):
            raise WrongContent(wrong)
        before_placing()


def _copy(stream, target, size):
    """Copy `stream` to `target`; more than `size` bytes, unless it is None, are the wrong content."""
    done = 0
    while chunk := stream.read(CHUNK):
        done += len(chunk)
        if size is not None and done > size:
            raise WrongContent(f"more than the expected {size} bytes")
        target.write(chunk)

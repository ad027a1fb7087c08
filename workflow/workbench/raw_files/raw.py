"""Raw files: the registry that names them, and how one gets here, checked, before anything reads it.

A file is looked for in the local data folder and else downloaded. Whatever was got is copied beside its
destination, checked there against the registry, and renamed: the destination is whole and right, or absent.
"""

import gzip
import hashlib
import http.client
import json
import os
import stat
import sys
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path

from amtl.errors import InputError, nearest
from workbench.result_files import placing, replacing

SCHEMA = Path(__file__).parents[1] / "schemas" / "registry.schema.json"
SUMS = ("sha256", "md5", "git_blob")
CHUNK = 1 << 16
# HTTP answers that ask for patience.
PATIENCE = (408, 429)
SECONDS_BETWEEN_PROGRESS_LINES = 2.0


def load_registry(path):
    """Return the registry at `path` as a dict of file name to entry, with absent keys filled in.

    Raises InputError that names the file and the key unless it agrees with registry.schema.json.
    """
    import jsonschema
    import yaml

    from workbench import yaml_text

    try:
        content = yaml_text.load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(
            f"{path}: cannot be read as YAML: {' '.join(str(error).split())}; mend it, or name another "
            "one as data.registry"
        ) from None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    error = next(validator.iter_errors(content), None)
    if error is not None:
        raise InputError(f"{path}: {_explain(error)}")
    rules = schema["$defs"]["entry"]["properties"]
    defaults = {key: rule["default"] for key, rule in rules.items() if "default" in rule}
    entries = {name: {**defaults, **entry} for name, entry in content["files"].items()}
    for name, entry in entries.items():
        if has_sum(entry) == entry["unverified"]:
            raise InputError(
                f"{path}: files.{name}: it has no checksum, or one and is unverified; give a sha256, md5 or "
                "git_blob, or else unverified: true"
            )
        if entry["sum_of"] == "content" and entry["bytes"] is None:
            raise InputError(
                f"{path}: files.{name}: sum_of: content needs bytes, the size at which unpacking ends; add it"
            )
    return entries


def find_entry(entries, name):
    """Return the entry called `name`; raise InputError with the nearest valid name if there is none."""
    if name not in entries:
        raise InputError(
            f"registry: no raw file {name!r}; add it to the file that data.registry names"
            + nearest(name, entries)
        )
    return entries[name]


def has_sum(entry):
    """Say whether the content of the file can be checked."""
    return any(entry[kind] for kind in SUMS)


def is_available(entry, folder):
    """Say whether the file is in the data folder or may be downloaded (which nothing tries here)."""
    return find_local(entry, folder) is not None or bool(entry["urls"] and has_sum(entry))


def find_local(entry, folder):
    """Return the path of the file in the data `folder`, or None.

    Looked for under its relative path, then by its bare name; where the registry's sum is that of the
    unpacked content, then without ``.gz``, too.
    """
    if folder is None:
        return None
    path = Path(entry["path"])
    candidates = [path, Path(path.name)]
    if entry["sum_of"] == "content" and path.suffix == ".gz":
        candidates += [path.with_suffix(""), Path(path.stem)]
    return next((Path(folder) / one for one in candidates if _is_there(Path(folder) / one)), None)


def _is_there(path):
    """Say whether there is a file at `path`; where looking is forbidden, opening it will say so."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        return True
    except OSError:
        return False


def find_tree(entry, folder):
    """Return the unpacked folder that takes the place of the file in the data `folder`, or None."""
    if folder is None or entry["tree"] is None:
        return None
    candidates = [Path(folder, entry["tree"]), Path(folder, entry["path"]).parent / entry["tree"]]
    return next((path for path in candidates if path.is_dir()), None)


def listing(tree):
    """Return a digest of the names and sizes of all files in the folder `tree`, -1 for a link to nowhere."""
    total = hashlib.sha256()
    for parent, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            size = os.stat(path).st_size if os.path.exists(path) else -1
            total.update(f"{os.path.relpath(path, tree)}\0{size}\n".encode())
    return total.hexdigest()


def acquire(name, entry, folder, output, attempts=4, timeout=30.0, backoff=1.0):
    """Put the raw file `name` at `output`, checked.

    folder : the local data folder, or None. A file found there is used; if it is wrong, that is an error
        and no reason to download.
    attempts, timeout, backoff : tries per URL, seconds without an answer, and seconds before the second try,
        doubled for each further one.
    Raises InputError that names the file, the sums, the URLs tried and how to supply the file by hand.
    """
    local = find_local(entry, folder)
    if local is not None:
        try:
            _store(local, entry, output)
        except PermissionError as error:
            raise InputError(
                f"{name}: {local} in the data folder cannot be read: {error.strerror}; change its rights, or "
                "those of its folder, or remove it"
            ) from None
        except (OSError, _WrongContent) as error:
            raise InputError(
                f"{name}: {local} in the data folder cannot be used: {reason_of(error)}; replace or remove it"
            ) from None
        print(f"{name}: taken from the data folder, {local}", file=sys.stderr)
        return
    failures = []
    for url in entry["urls"] if has_sum(entry) else []:
        try:
            _fetch(name, entry, url, output, attempts, timeout, backoff)
        except (OSError, _WrongContent) as error:
            failures.append(f"{url} ({reason_of(error)})")
        else:
            print(f"{name}: downloaded from {url}", file=sys.stderr)
            return
    raise InputError(how_to_supply(name, entry, folder, failures))


def provenance(name, entry, path):
    """Return what the report says about the raw file at `path`: its sum, size, licence, citation.

    Raises InputError when the file is not, or no longer, what the registry says.
    """
    try:
        wrong = mismatch(entry, path)
        found = {"name": name, "sha256": digest("sha256", path), "bytes": Path(path).stat().st_size}
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the acquire step first") from None
    if wrong:
        raise InputError(f"{path}: not the right file: {wrong}; delete it and run the workflow again")
    return {**found, "licence": entry["licence"], "citation": entry["citation"], "verified": has_sum(entry)}


def mismatch(entry, path):
    """Return how the (unpacked) file at `path` differs from its entry, or an empty string."""
    size = Path(path).stat().st_size
    wrong = []
    if entry["bytes"] is not None and size != entry["bytes"]:
        wrong.append(f"{size} bytes, expected {entry['bytes']}")
    for kind in SUMS:
        if entry[kind]:
            found = digest(kind, path)
            # A git blob id may be given by its first digits.
            if not found.startswith(entry[kind]):
                wrong.append(f"{kind} {found}, expected {entry[kind]}")
    return ", ".join(wrong)


def digest(kind, path):
    """Return the hexadecimal sha256, md5 or git blob id (sha1 of a header and the content) of a file."""
    if kind == "git_blob":
        state = hashlib.sha1(b"blob %d\0" % Path(path).stat().st_size, usedforsecurity=False)
    else:
        state = hashlib.new(kind, usedforsecurity=False)
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return state.hexdigest()


class _WrongContent(Exception):
    """The file that was found or downloaded does not agree with the registry."""


def _store(source, entry, output):
    """Copy `source` to `output`, unpacked where the registry's sum is that of the content, and check it.

    Raises _WrongContent, and leaves `output` as it was, when the copy is not the right file.
    """
    with open(source, "rb") as stream:
        packed = entry["sum_of"] == "content" and stream.read(2) == b"\x1f\x8b"
    with replacing(output) as temporary:
        try:
            with (gzip.open if packed else open)(source, "rb") as stream, open(temporary, "wb") as target:
                _copy(stream, target, entry["bytes"])
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise _WrongContent(f"damaged or incomplete gzip file, {error}") from None
        wrong = mismatch(entry, temporary)
        if wrong:
            raise _WrongContent(wrong)


def _copy(stream, target, size):
    """Copy `stream` to `target`; more than `size` bytes, where that is known, cannot be the right file."""
    done = 0
    while chunk := stream.read(CHUNK):
        done += len(chunk)
        if size is not None and done > size:
            raise _WrongContent(f"more than the expected {size} bytes")
        target.write(chunk)


def _fetch(name, entry, url, output, attempts, timeout, backoff):
    """Download `url` to a partial file beside `output`, which a later run resumes, and store it."""
    part = _partial_path(output, url)
    with placing(part):
        part.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.exists()
    _download(name, entry, url, part, attempts, timeout, backoff)
    try:
        _store(part, entry, output)
    except _WrongContent:
        part.unlink()
        if not resumed:
            raise
        # What an earlier run left may be from another version of the file.
        print(f"{name}: the resumed download is not the right file; starting afresh", file=sys.stderr)
        _fetch(name, entry, url, output, attempts, timeout, backoff)
    else:
        part.unlink()


def _partial_path(output, url):
    """Return where the download of `url` grows: what one server began, another one must not continue."""
    output = Path(output)
    return output.with_name(f".{output.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")


def _download(name, entry, url, part, attempts, timeout, backoff):
    """Bring all of `url` to `part`, trying again after failures that may pass."""
    for attempt in range(1, attempts + 1):
        try:
            return _transfer(name, url, part, timeout, entry["bytes"])
        except (OSError, http.client.HTTPException) as error:
            # All other 4xx stay what they are.
            code = getattr(error, "code", None)
            refused = code is not None and 400 <= code < 500 and code not in PATIENCE
            if refused or attempt == attempts:
                raise OSError(reason_of(error)) from None
            wait = backoff * 2 ** (attempt - 1)
            print(f"{name}: {reason_of(error)}; trying again in {wait:g} s", file=sys.stderr)
            time.sleep(wait)


def _transfer(name, url, part, timeout, size):
    """Read `url` into `part`, from where `part` ends if the server can, from the beginning otherwise.

    Ends when the file is larger than `size`, where that is known; packing makes no file much larger.
    """
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "amtl", "Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # Nothing follows byte `have`: either all of it is here, or what is here is something else.
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return
        part.unlink()
        raise ConnectionError("the server cannot resume the download") from None
    with answer:
        continues = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if answer.status == 206 and not continues:
            part.unlink()
            raise ConnectionError("the server resumed the download at another place")
        done = have if answer.status == 206 else 0
        length = answer.headers.get("Content-Length")
        total = None if length is None else done + int(length)
        shown = time.monotonic()
        with placing(part), open(part, "ab" if done else "wb") as target:
            while chunk := answer.read(CHUNK):
                target.write(chunk)
                done += len(chunk)
                if size is not None and done > size + size // 100 + CHUNK:
                    return
                if time.monotonic() - shown > SECONDS_BETWEEN_PROGRESS_LINES:
                    shown = time.monotonic()
                    print(_progress(name, done, total), file=sys.stderr)
    if total is not None and done != total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")
    print(_progress(name, done, total), file=sys.stderr)


def _progress(name, done, total):
    of = f" of {total / 1e6:.1f} MB ({100 * done // max(total, 1)} %)" if total is not None else " MB"
    return f"{name}: {done / 1e6:.1f}{of}"


def reason_of(error):
    """Return one line on what went wrong, without urllib's wrapping."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    reason = getattr(reason, "strerror", None) or reason
    return " ".join(str(reason).split()) or type(error).__name__


def how_to_supply(name, entry, folder, failures):
    """Return the line on a file that cannot be had: what was tried (`failures`) and what to do."""
    if folder is None:
        message = [f"{name}: no data folder is set"]
        place = f"{entry['path']} in a folder that data.folder names"
    else:
        absent = "" if Path(folder).is_dir() else ", which is no folder"
        message = [f"{name}: not in the data folder {folder}{absent}"]
        place = Path(folder) / entry["path"]
    if failures:
        message.append("tried " + ", ".join(failures))
    elif not entry["urls"]:
        message.append("no download address is known")
    else:
        message.append(f"not downloaded, as no checksum is published; its address: {entry['urls'][0]}")
    content = " of the unpacked content" if entry["sum_of"] == "content" else ""
    expected = [f"{kind} {entry[kind]}{content}" for kind in SUMS if entry[kind]]
    if expected:
        message.append("expected " + ", ".join(expected))
    message.append(f"get it by hand and put it at {place}")
    if entry["tree"]:
        message[-1] += f", or unpack it there: {entry['tree']}"
    return "; ".join(message + ([entry["note"]] if entry["note"] else []))


def _explain(error):
    """Return a schema error as one line that names the key."""
    where = ".".join(str(key) for key in error.absolute_path) or "the registry"
    if error.validator == "additionalProperties":
        valid = error.schema.get("properties", {})
        unknown = sorted(key for key in error.instance if key not in valid)
        if unknown and valid:
            return f"{where}: unknown key {unknown[0]!r}{nearest(unknown[0], valid)}"
    return f"{where}: {error.message}; workflow/schemas/registry.schema.json describes it"

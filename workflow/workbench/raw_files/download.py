"""Downloads: the content of one address, with retries, resumption and a bound on its size.

Every failure of an address is an exception whose reason `reason_of` gives in one line.
"""

import os
import sys
import time
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests

from workbench.raw_files.checksums import CHUNK, WrongContent
from workbench.result_files import placing

# Statuses of requests that may succeed later, though they are errors of the client.
RETRY_LATER = (requests.codes.request_timeout, requests.codes.too_many_requests)
SECONDS_BETWEEN_PROGRESS_LINES = 2.0
MAX_REASON_LENGTH = 200


class Unreachable(str):
    """Why an address gives no content: its host did not answer at all."""


def local_path(url):
    """Return the path that a file address names, or None for an address of another kind."""
    parts = urlsplit(url)
    return url2pathname(parts.path) if parts.scheme == "file" else None


def download(name, url, part, max_bytes, attempts=4, timeout=30.0, backoff=1.0):
    """Bring the content of an http address to the file `part`, after what an earlier attempt left there.

    name : for messages. max_bytes : bound of the size. timeout : seconds without an answer.
    attempts : tries, with `backoff` seconds before the second and twice as many before each further one.
    Raises WrongContent when the content is too large, InputError when `part` cannot be written, and
    exceptions of many kinds for all other failures.
    """
    for attempt in range(1, attempts + 1):
        try:
            return _transfer(name, url, part, max_bytes, timeout)
        except Exception as error:  # requests, urllib3 and http.client raise many kinds
            if attempt == attempts or not _may_pass(error):
                raise
            wait = backoff * 2 ** (attempt - 1)
            print(f"{name}: {reason_of(error)}; trying again in {wait:g} s", file=sys.stderr)
        time.sleep(wait)


def unavailable(url, timeout):
    """Return why the address gives no content, or "" when it answers. Nothing is downloaded.

    The reason is `Unreachable` if no host answered.
    """
    try:
        if local := local_path(url):
            os.stat(local)
        else:
            with _open(url, timeout) as response:
                _require_success(response)
    except Exception as error:  # whatever it is, the address gives no content
        if _status(error) in RETRY_LATER:
            return ""
        silent = isinstance(error, requests.ConnectionError | requests.Timeout)
        kind = Unreachable if silent and not isinstance(error, requests.exceptions.SSLError) else str
        return kind(reason_of(error))
    return ""


def reason_of(error):
    """Return one line on what went wrong: the message of the first error, which is often the system's."""
    while cause := error.__cause__ or (not error.__suppress_context__ and error.__context__):
        error = cause
    text = str(getattr(error, "strerror", None) or error)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:MAX_REASON_LENGTH] or type(error).__name__


def _open(url, timeout, start=0):
    """Return the response of an http address, its body from byte `start` on still unread."""
    headers = {"User-Agent": "amtl", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    return requests.get(url, headers=headers, stream=True, timeout=timeout)


def _require_success(response):
    if response.status_code not in (requests.codes.ok, requests.codes.partial_content):
        raise requests.HTTPError(f"HTTP {response.status_code} {response.reason}", response=response)


def _status(error):
    """Return the HTTP status that `error` reports, or None."""
    return getattr(getattr(error, "response", None), "status_code", None)


def _may_pass(error):
    """Return whether another attempt may succeed."""
    status = _status(error)
    if status is not None:
        return status >= requests.codes.server_error or status in RETRY_LATER
    # ValueError: the address is invalid, or (InputError) the file cannot be written.
    return not isinstance(error, WrongContent | ValueError)


def _transfer(name, url, part, max_bytes, timeout):
    """Read `url` into `part`: from the end of `part` if the server can, else from the beginning."""
    have = part.stat().st_size if part.exists() else 0
    with _open(url, timeout, start=have) as response:
        status = response.status_code
        if have and status == requests.codes.requested_range_not_satisfiable:
            return  # `part` is the whole file, or is longer than it; the check of its content tells
        _require_success(response)
        resumes = status == requests.codes.partial_content
        if resumes and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise WrongContent("the server sent another part of the file than the one asked for")
        _receive(name, response.raw, part, have if resumes else 0, max_bytes)


def _receive(name, body, part, done, max_bytes):
    """Append `body` to the first `done` bytes of `part`."""
    # None where the server does not give the length, or gives an invalid one.
    rest = body.length_remaining
    unit = "MB" if rest is None else f"of {(done + rest) / 1e6:.1f} MB"
    shown = time.monotonic()
    with placing(part):
        part.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "ab" if done else "wb") as target:
            while chunk := body.read1(CHUNK, decode_content=False):
                target.write(chunk)
                done += len(chunk)
                if done > max_bytes:
                    raise WrongContent(f"more than the expected {max_bytes} bytes")
                if time.monotonic() - shown > SECONDS_BETWEEN_PROGRESS_LINES:
                    shown = time.monotonic()
                    print(f"{name}: {done / 1e6:.1f} {unit}", file=sys.stderr)

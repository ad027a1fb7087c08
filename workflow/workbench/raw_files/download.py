"""Downloads: the content of one address, with retries, resumption and a bound on its size.

Every failure of an address is an exception whose reason `reason_of` gives in one line.
"""

import sys
import time
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

import requests

from workbench.raw_files.checksums import CHUNK, WrongContent
from workbench.result_files import placing

MAX_REDIRECTS = 10
# A connection that brings fewer bytes than this within the time limit is given up.
MIN_BYTES_WITHIN_TIMEOUT = 1024
# Statuses of requests that may succeed later, though they are errors of the client.
RETRY_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
SECONDS_BETWEEN_PROGRESS_LINES = 2.0
MAX_REASON_LENGTH = 200


def local_path(url):
    """Return the path that a file address names, or None for an address of another kind."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"a file on another computer, {parts.netloc}")
    path = Path(url2pathname(parts.path))
    if not path.is_file():
        raise FileNotFoundError("no such file")
    return path


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
    """Return why the address gives no content, or "" when it answers. Nothing is downloaded."""
    try:
        if local_path(url) is None:
            with _open(url, timeout) as response:
                _require_success(response)
    except Exception as error:  # whatever it is, the address gives no content
        return "" if _status(error) in RETRY_LATER else reason_of(error)
    return ""


def reason_of(error):
    """Return one line on what went wrong: the message of the system if there is one, else of the library."""
    chain = [error]
    while inner := chain[-1].__cause__ or (not chain[-1].__suppress_context__ and chain[-1].__context__):
        chain.append(inner)
    system = [
        each
        for each in chain
        if isinstance(each, OSError | HTTPException) and not isinstance(each, requests.RequestException)
    ]
    error = system[-1] if system else error
    text = str(getattr(error, "strerror", None) or error)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:MAX_REASON_LENGTH] or type(error).__name__


class _Session(requests.Session):
    """A session that does not follow redirects: requests would read the whole body of each, however large."""

    def get_redirect_target(self, response):
        return None


@contextmanager
def _open(url, timeout, start=0):
    """Yield the response of an http address after redirects, its body from byte `start` on still unread."""
    headers = {"User-Agent": "amtl", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with _Session() as session:
        for _ in range(MAX_REDIRECTS + 1):
            with session.get(url, headers=headers, stream=True, timeout=timeout) as response:
                if not response.is_redirect:
                    yield response
                    return
                url = urljoin(url, requests.Session.get_redirect_target(session, response))
    raise requests.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects")


def _require_success(response):
    status = response.status_code
    if not 200 <= status < 300:
        raise requests.HTTPError(f"HTTP {status} {response.reason}", response=response)


def _status(error):
    """Return the HTTP status that `error` reports, or None."""
    return error.response.status_code if isinstance(error, requests.HTTPError) else None


def _may_pass(error):
    """Return whether another attempt may succeed."""
    # ValueError: the address or the place of the file is invalid.
    if isinstance(error, ValueError | WrongContent | requests.TooManyRedirects):
        return False
    status = _status(error)
    return status is None or status >= 500 or status in RETRY_LATER


def _transfer(name, url, part, max_bytes, timeout):
    """Read `url` into `part`: from the end of `part` if the server can, else from the beginning."""
    have = part.stat().st_size if part.exists() else 0
    with _open(url, timeout, start=have) as response:
        status, content_range = response.status_code, response.headers.get("Content-Range", "")
        if (
            have
            and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            and content_range == f"bytes */{have}"
        ):
            return  # `part` is already the whole file
        resumes = status == HTTPStatus.PARTIAL_CONTENT and content_range.startswith(f"bytes {have}-")
        cannot_resume = status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        if not have or resumes or not cannot_resume:
            _require_success(response)
            _receive(name, response.raw, part, have if resumes else 0, max_bytes, timeout)
            return
    part.unlink()
    _transfer(name, url, part, max_bytes, timeout)


def _receive(name, body, part, done, max_bytes, timeout):
    """Append `body` to the first `done` bytes of `part`."""
    # None where the server does not give the length, or gives an invalid one.
    total = None if body.length_remaining is None else done + body.length_remaining
    if total is not None and total > max_bytes:
        raise WrongContent(f"{total} bytes, expected at most {max_bytes}")
    # A body that ends early is reported below.
    body.enforce_content_length = False
    shown = checked = time.monotonic()
    before = done
    with placing(part), open(part, "ab" if done else "wb") as target:
        while chunk := body.read1(CHUNK, decode_content=False):
            target.write(chunk)
            done += len(chunk)
            if done > max_bytes:
                raise WrongContent(f"more than the expected {max_bytes} bytes")
            now = time.monotonic()
            if now - shown > SECONDS_BETWEEN_PROGRESS_LINES:
                shown = now
                print(_progress(name, done, total), file=sys.stderr)
            if now - checked > timeout:
                if done - before < MIN_BYTES_WITHIN_TIMEOUT:
                    raise ConnectionError(f"only {done - before} bytes within {now - checked:.0f} s")
                checked, before = now, done
    if total is not None and done != total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")
    print(_progress(name, done, total), file=sys.stderr)


def _progress(name, done, total):
    of = f" of {total / 1e6:.1f} MB ({100 * done // max(total, 1)} %)" if total is not None else " MB"
    return f"{name}: {done / 1e6:.1f}{of}"

"""Addresses that fail, each in its own way: none ends in a traceback, and none is unbounded."""

import itertools
import socket
import time

import pytest

from amtl.errors import InputError
from helpers.raw_files import CONTENT, FAST, WRONG, make_entry
from workbench.raw_files import download
from workbench.raw_files.acquire import acquire
from workbench.raw_files.checksums import WrongContent

OK = b"HTTP/1.1 200 OK\r\n"
LONG_LINE = b"X: " + b"x" * 70_000 + b"\r\n"


def redirect(location, body=b""):
    return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n" + body


def endless(head):
    return itertools.chain([head], itertools.repeat(b"x" * 65536, 100_000))


# Responses that give no file.
BAD_RESPONSES = {
    "nothing": b"",
    "another protocol": b"220 mail.example ESMTP\r\n",
    "status that is no number": b"HTTP/1.1 abc\r\n\r\n",
    "long status line": b"x" * 60_000 + b"\r\n\r\n",
    "unknown status": b"HTTP/1.1 999 What\r\n\r\n",
    "unprintable reason": b"HTTP/1.1 404 \x1b[2J\x00\xff\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "long header": OK + LONG_LINE + b"\r\n" + CONTENT,
    "many headers": OK + b"X: x\r\n" * 200 + b"\r\n" + CONTENT,
    "length that is no number, body too short": OK + b"Content-Length: abc\r\n\r\n" + CONTENT[:99],
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + CONTENT,
    "body too short": OK + b"Content-Length: 512000\r\n\r\n" + CONTENT[:99],
    "body too long": OK + b"\r\n" + CONTENT + b"x",
    "length too large": OK + b"Content-Length: 512001\r\n\r\n" + CONTENT + b"x",
    "other content": OK + b"\r\n" + WRONG,
    "chunk size that is no number": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n",
    "chunk too short": OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\nabc",
    "part that nobody asked for": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 9-\r\n\r\n" + CONTENT[9:],
    "range error that nobody asked for": b"HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\n\r\n",
    "redirect without an address": b"HTTP/1.1 302 Found\r\n\r\n",
    "redirect to an empty address": redirect(b""),
    "redirect to itself": redirect(b"/bad"),
    "redirect to a bad IPv6 host": redirect(b"http://[::1/a"),
    "redirect to a bad port": redirect(b"http://127.0.0.1:abc/a"),
    "redirect that is not UTF-8": redirect(b"http://\xff\xfe/a"),
    "redirect to a file": redirect(b"file:///etc/hostname"),
    "redirect to another protocol": redirect(b"ftp://127.0.0.1/a"),
    "redirect to an unknown host": redirect(b"http://nowhere.invalid/a"),
    "redirect to a closed port": redirect(b"http://127.0.0.1:9/a"),
}
# Those whose body has to be read to see that they give no file.
BAD_BODIES = {
    "length that is no number, body too short",
    "body too short",
    "body too long",
    "length too large",
    "other content",
    "chunk size that is no number",
    "chunk too short",
    "part that nobody asked for",
}
# Addresses that cannot even be asked. {port}: of the server.
BAD_ADDRESSES = [
    "http://",
    "http:///a",
    "http://[::1/a",
    "http://[::g]/a",
    "http://[]/a",
    "http://a]/a",
    "http://127.0.0.1:abc/a",
    "http://127.0.0.1:99999/a",
    "http://127.0.0.1:9/a",
    "http://müller.invalid/a",
    "http://xn--ü.invalid/a",
    "http://\u2100.invalid/a",
    "http://*/a",
    "http://.a/a",
    "http://a..b/a",
    f"http://{'a' * 300}/a",
    "http://a b/a",
    "http://\ud800/a",
    "https://127.0.0.1:{port}/a",
    "file:///nowhere/a",
    "file:///%00",
    "file://[/a",
    "ftp://127.0.0.1/a",
]


def fails_and_the_next_address_is_tried(url, server, output, entry=None):
    """Check that `url` alone is a one-line error that names it, and that a good address after it is used."""
    entry = entry or make_entry()
    with pytest.raises(InputError) as error:
        acquire("a.dat", {**entry, "urls": [url]}, None, output, attempts=2, timeout=2.0, backoff=0.0)
    message = str(error.value)
    assert f"tried {url} (" in message and "\n" not in message and len(message) < 2000
    assert message.isprintable() or not url.isprintable()
    assert f"tried {url} ()" not in message
    acquire("a.dat", {**entry, "urls": [url, server.url]}, None, output, attempts=1, timeout=2.0)
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("case", BAD_RESPONSES)
def test_bad_response_is_a_reason_and_the_next_address_is_tried(case, server, output):
    url = server.add("/bad", BAD_RESPONSES[case])
    fails_and_the_next_address_is_tried(url, server, output)
    assert bool(download.unavailable(url, 2.0)) is (case not in BAD_BODIES)


@pytest.mark.parametrize("address", BAD_ADDRESSES, ids=ascii)
def test_bad_address_is_a_reason_and_the_next_one_is_tried(address, server, output):
    url = address.replace("{port}", str(server.port))
    fails_and_the_next_address_is_tried(url, server, output)
    assert download.unavailable(url, 2.0)


@pytest.mark.parametrize("length", [b"abc", b"-5", b"", b"9" * 5000, b"512000, 512000", b"\xb2"])
def test_invalid_length_does_not_matter_when_the_content_is_right(length, server, output):
    url = server.add("/odd", OK + b"Content-Length: " + length + b"\r\n\r\n" + CONTENT)
    acquire("a.dat", make_entry(urls=[url]), None, output, attempts=1)
    assert output.read_bytes() == CONTENT


def test_umlaut_in_the_path_of_an_address(server, output):
    server.add("/%C3%BC.dat", OK + b"\r\n" + CONTENT)
    acquire("a.dat", make_entry(urls=[server.root + "/ü.dat"]), None, output, attempts=1)
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("location", [b"/a.dat", b"a.dat", b"//127.0.0.1:{port}/a.dat"])
def test_redirects_are_followed(location, server, output):
    url = server.add("/old", redirect(location.replace(b"{port}", b"%d" % server.port)))
    acquire("a.dat", make_entry(urls=[url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and download.unavailable(url, 2.0) == ""


def test_number_of_redirects_is_bounded_and_they_are_not_retried(server, output):
    url = server.add("/loop", redirect(b"/loop"))
    with pytest.raises(InputError):
        acquire("a.dat", make_entry(urls=[url]), None, output, **FAST)
    assert 1 < len(server.requests) < 50


@pytest.mark.parametrize("size", [len(CONTENT), None])
@pytest.mark.parametrize(
    "head", [OK + b"\r\n", OK + b"Content-Length: 9000000000000\r\n\r\n"], ids=["no length", "length"]
)
def test_endless_answer_ends_at_the_bound_and_leaves_nothing(size, head, server, output, monkeypatch):
    monkeypatch.setattr("workbench.raw_files.registry.MAX_BYTES_OF_UNKNOWN_SIZE", 1_000_000)
    sent = []
    server.add("/endless", (sent.append(part) or part for part in endless(head)))
    with pytest.raises(InputError, match=r"more than the expected (1560576|1000000) bytes"):
        entry = make_entry(bytes=size, urls=[f"{server.root}/endless"])
        acquire("a.dat", entry, None, output, **FAST)
    assert len(server.requests) == 1, "another attempt would not help"
    assert len(sent) < 1000
    assert list(output.parent.iterdir()) == []


def test_silent_server_is_given_up(output):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a"
        with pytest.raises(InputError, match="timed out"):
            acquire("a.dat", make_entry(urls=[url]), None, output, attempts=2, timeout=0.2, backoff=0.0)


@pytest.mark.parametrize("proxy", ["http://[", "abc://x:1", "http://127.0.0.1:9", "\u2100"])
def test_bad_proxy_is_a_reason(proxy, server, output, monkeypatch, tmp_path):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", proxy)
    (tmp_path / "good").write_bytes(CONTENT)
    entry = make_entry(urls=[server.url])
    with pytest.raises(InputError, match="tried "):
        acquire("a.dat", entry, None, output, attempts=1)
    assert download.unavailable(server.url, 2.0)
    entry["urls"].append((tmp_path / "good").as_uri())
    acquire("a.dat", entry, None, output, attempts=1)


def test_reasons_use_the_words_of_the_system(server):
    reasons = {
        f"{server.root}/gone": "HTTP 404 Not Found",
        "http://127.0.0.1:9/a": "Connection refused",
        "http://nowhere.invalid/a": "Name or service not known",
        "file:///nowhere/a": "No such file or directory",
    }
    server.status = [404]
    assert {url: download.unavailable(url, 2.0) for url in reasons} == reasons


def test_statuses_that_ask_to_retry_later_count_as_an_answer(server):
    for status, answers in ((408, True), (429, True), (403, False), (503, False)):
        server.status = [status]
        assert (download.unavailable(server.url, 2.0) == "") is answers


def test_nothing_is_downloaded_to_learn_whether_an_address_answers(server):
    sent = []
    server.add("/large", (sent.append(part) or part for part in endless(OK + b"\r\n")))
    assert download.unavailable(f"{server.root}/large", 2.0) == ""
    time.sleep(0.1)
    assert len(sent) < 1000


def test_download_of_exactly_the_bound(server, tmp_path):
    download.download("a", server.url, tmp_path / "part", len(CONTENT), attempts=1)
    assert (tmp_path / "part").read_bytes() == CONTENT
    (tmp_path / "part").unlink()
    with pytest.raises(WrongContent):
        download.download("a", server.url, tmp_path / "part", len(CONTENT) - 1, attempts=1)

"""One raw file on its way from a folder or a server to results/raw, and the script that brings it there."""

import errno
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from amtl.errors import InputError
from helpers.raw_files import CONTENT, FAST, SHA256, WRONG, make_entry
from scripts import acquire as script
from workbench.jobs import AcquireJob
from workbench.raw_files import acquire as module
from workbench.raw_files import download
from workbench.raw_files.acquire import acquire
from workbench.raw_files.registry import identity

WORKFLOW = Path(__file__).parents[3] / "workflow"
UNVERIFIED = make_entry(sha256=None, bytes=None, unverified=True)


def leftovers(output):
    return sorted(path.name for path in output.parent.iterdir()) if output.parent.exists() else []


def one_line(error):
    message = str(error.value)
    assert "\n" not in message
    return message


# The data folder


@pytest.mark.parametrize("place", ["sub/a.dat", "a.dat"])
def test_data_folder_comes_first(tmp_path, output, server, place):
    file = tmp_path / "folder" / place
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    acquire("a.dat", make_entry(urls=[server.url]), tmp_path / "folder", output, **FAST)
    assert output.read_bytes() == CONTENT
    assert server.requests == [] and leftovers(output) == ["a.dat"]


def test_unpacking_ends_soon_after_the_expected_size(tmp_path, output, monkeypatch):
    """A small archive cannot fill the disk."""
    written = []
    monkeypatch.setattr(module, "CHUNK", 1000)
    (tmp_path / "a.dat").write_bytes(gzip.compress(CONTENT * 100))
    entry = make_entry(path="a.dat", sum_of="content")
    measured = module.measure
    monkeypatch.setattr(module, "measure", lambda *given: written.append(1) or measured(*given))
    with pytest.raises(InputError, match="more than the expected 512000 bytes"):
        acquire("a.dat", entry, tmp_path, output)
    # The copy ended before it was whole, so its sum was never taken.
    assert written == [] and not leftovers(output)


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT)], ids=["plain", "gzip"])
def test_gzip_is_unpacked_only_where_the_sum_is_of_the_content(tmp_path, output, content):
    (tmp_path / "a.dat").write_bytes(content)
    acquire("a.dat", make_entry(sum_of="content"), tmp_path, output)
    assert output.read_bytes() == CONTENT
    plain = make_entry(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    acquire("a.dat", plain, tmp_path, output)
    assert output.read_bytes() == content


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (WRONG, f"sha256 {hashlib.sha256(WRONG).hexdigest()}, expected {SHA256}"),
        (CONTENT[:1000], "1000 bytes, expected 512000"),
        (gzip.compress(CONTENT)[:1000], "gzip"),
        (gzip.compress(CONTENT)[:-8] + b"\0" * 8, "gzip"),
        (b"\x1f\x8b" + b"x" * 100, "gzip"),
        (gzip.compress(WRONG), "expected " + SHA256),
        (gzip.compress(CONTENT * 100), "more than the expected 512000 bytes"),
    ],
)
def test_wrong_file_in_the_folder_is_an_error_and_not_a_download(tmp_path, output, server, body, named):
    (tmp_path / "a.dat").write_bytes(body)
    entry = make_entry(sum_of="content", urls=[server.url])
    with pytest.raises(InputError, match=re.escape(named)) as error:
        acquire("a.dat", entry, tmp_path, output, **FAST)
    assert str(tmp_path / "a.dat") in one_line(error)
    assert server.requests == [] and leftovers(output) == []


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ENOENT])
def test_unreadable_file_in_the_folder_is_one_line(tmp_path, output, monkeypatch, code):
    (tmp_path / "a.dat").write_bytes(CONTENT)

    def fail(entry, path):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(module, "open_content", fail)
    with pytest.raises(InputError, match=os.strerror(code)) as error:
        acquire("a.dat", make_entry(), tmp_path, output)
    assert str(tmp_path / "a.dat") in one_line(error) and leftovers(output) == []


def test_failure_leaves_the_file_of_an_earlier_run(tmp_path, output):
    output.parent.mkdir(parents=True)
    output.write_bytes(CONTENT)
    (tmp_path / "a.dat").write_bytes(WRONG)
    with pytest.raises(InputError):
        acquire("a.dat", make_entry(), tmp_path, output)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


# The download


def test_download_shows_progress(output, server, capsys, monkeypatch):
    monkeypatch.setattr(download, "SECONDS_BETWEEN_PROGRESS_LINES", 0.0)
    acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert "a.dat: 0.5 of 0.5 MB" in capsys.readouterr().err


def test_download_of_a_gzip_file(output, server):
    server.body = gzip.compress(CONTENT)
    acquire("a.dat", make_entry(urls=[server.url], sum_of="content"), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_body_is_stored_as_sent_whatever_encoding_the_server_names(output, server):
    packed = gzip.compress(CONTENT)
    url = server.add("/a.gz", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed)
    entry = make_entry(urls=[url], sha256=hashlib.sha256(packed).hexdigest(), bytes=len(packed))
    acquire("a.dat", entry, None, output, attempts=1)
    assert output.read_bytes() == packed
    assert server.headers["Accept-Encoding"] == "identity"


def test_download_by_file_address(tmp_path, output):
    (tmp_path / "there ü.gz").write_bytes(gzip.compress(CONTENT))
    entry = make_entry(sum_of="content", urls=[(tmp_path / "there ü.gz").as_uri()])
    acquire("a.dat", entry, tmp_path / "no-such-folder", output, **FAST)
    assert output.read_bytes() == CONTENT


def test_broken_connection_is_resumed(output, server):
    server.cut_after = [100_000, 50_000]
    acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert server.requests == [None, "bytes=100000-", "bytes=150000-"]


def test_broken_connection_starts_again_without_range_support(output, server):
    server.cut_after, server.ranges = [100_000], False
    acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_later_run_resumes_what_an_earlier_one_left(output, server):
    server.cut_after = [100_000]
    with pytest.raises(InputError, match="100000 bytes read, 412000 more"):
        acquire("a.dat", make_entry(urls=[server.url]), None, output, attempts=1)
    assert not output.exists()
    acquire("a.dat", make_entry(urls=[server.url]), None, output, attempts=1)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert server.requests == [None, "bytes=100000-"]


def test_address_with_another_file_is_not_mixed_with_the_one_before(output, server):
    other = server.add("/other", b"HTTP/1.1 200 OK\r\nContent-Length: 512000\r\n\r\n" + b"x" * 200_000)
    urls = [other, server.url]
    acquire("a.dat", make_entry(urls=urls), None, output, attempts=1)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert server.requests == [None, "bytes=200000-", None]


@pytest.mark.parametrize(
    "left", [b"x" * 100_000, CONTENT, CONTENT + b"more", b""], ids=["stale", "whole", "longer", "empty"]
)
@pytest.mark.parametrize("ranges", [True, False])
def test_stale_partial_file_does_no_harm(output, server, left, ranges):
    server.ranges = ranges
    part = output.with_name(".a.dat.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(left)
    acquire("a.dat", make_entry(urls=[server.url]), None, output, attempts=1)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_server_that_resumes_at_another_place_is_asked_for_the_whole(output, server):
    misplaced = b"HTTP/1.1 206 OK\r\nContent-Range: bytes 5-9/10\r\n\r\nhello"
    url = server.add("/a", misplaced)
    part = output.with_name(".a.dat.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:100])
    with pytest.raises(InputError, match="another part"):
        acquire("a.dat", make_entry(urls=[url]), None, output, attempts=1)
    assert server.requests == ["bytes=100-", None] and leftovers(output) == []


def test_passing_failures_are_retried_and_lasting_ones_are_not(output, server):
    server.status = [503, 429]
    acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and len(server.requests) == 3
    output.unlink()
    for status in (400, 403, 404, 410):
        server.status, server.requests = [status], []
        with pytest.raises(InputError, match=re.escape(f"tried {server.url} (HTTP {status}")):
            acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
        assert len(server.requests) == 1


def test_retries_wait_twice_as_long_each_time(output, server, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.status = [503] * 4
    with pytest.raises(InputError):
        acquire("a.dat", make_entry(urls=[server.url]), None, output, attempts=4, backoff=0.5)
    assert [wait for wait in waits if wait >= 0.5] == [0.5, 1.0, 2.0]


def test_next_address_is_tried_after_a_wrong_sum(tmp_path, output, server):
    (tmp_path / "good.dat").write_bytes(CONTENT)
    server.body = WRONG
    entry = make_entry(urls=[server.url, (tmp_path / "good.dat").as_uri()])
    acquire("a.dat", entry, None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_unavailable_file_is_one_line_that_names_everything(tmp_path, output, server):
    server.body = WRONG
    dead = "http://127.0.0.1:9/a.dat"
    entry = make_entry(urls=[server.url, dead], note="or do without")
    with pytest.raises(InputError) as error:
        acquire("a.dat", entry, tmp_path, output, **FAST)
    message = one_line(error)
    named = ["a.dat: ", hashlib.sha256(WRONG).hexdigest(), SHA256, server.url, dead, "Connection refused"]
    assert all(part in message for part in [*named, str(tmp_path / "sub/a.dat"), "or do without"])
    assert leftovers(output) == []


def test_destination_that_cannot_be_written_is_an_error_of_its_own(output, server):
    output.parent.parent.mkdir(parents=True)
    output.parent.touch()
    entry = make_entry(urls=[server.url, server.url])
    with pytest.raises(InputError, match="cannot be written") as error:
        acquire("a.dat", entry, None, output, **FAST)
    assert str(output.parent) in one_line(error) and len(server.requests) == 1


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS])
def test_partial_file_that_cannot_be_written_is_an_error_of_its_own(output, server, monkeypatch, code):
    real = open

    def fail(path, mode="r", **given):
        if str(path).endswith(".part") and mode == "wb":
            raise OSError(code, os.strerror(code), str(path))
        return real(path, mode, **given)

    monkeypatch.setattr("builtins.open", fail)
    with pytest.raises(InputError, match="cannot be written") as error:
        acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert os.strerror(code) in one_line(error) and len(server.requests) == 1


# Files without a published sum


def test_unverified_file_comes_from_the_folder_only(tmp_path, output, server):
    entry = {**UNVERIFIED, "urls": [server.url]}
    with pytest.raises(InputError) as error:
        acquire("a.dat", entry, tmp_path, output, **FAST)
    assert server.url in one_line(error) and server.requests == []
    (tmp_path / "a.dat").write_bytes(WRONG)
    acquire("a.dat", entry, tmp_path, output, **FAST)
    assert output.read_bytes() == WRONG


def test_unverified_file_must_have_the_planned_checksum(tmp_path, output):
    (tmp_path / "a.dat").write_bytes(WRONG)
    with pytest.raises(InputError, match=SHA256) as error:
        acquire("a.dat", UNVERIFIED, tmp_path, output, checksum=SHA256)
    assert str(tmp_path / "a.dat") in one_line(error) and leftovers(output) == []
    (tmp_path / "a.dat").write_bytes(CONTENT)
    acquire("a.dat", UNVERIFIED, tmp_path, output, checksum=SHA256)
    assert output.read_bytes() == CONTENT


# The script


@pytest.fixture
def arguments(tmp_path, output, monkeypatch):
    """Return a function that makes the script's arguments for an entry, and sets where it looks."""

    def make(entry=None, data=None, **job):
        entry = entry or make_entry()
        data = {"folder": str(tmp_path), "attempts": 1, "timeout": 5.0, **(data or {})}
        monkeypatch.setenv("WORKBENCH_DATA", json.dumps(data | {"registry": {"a.dat": entry}}))
        job = AcquireJob(**{"file": "a.dat", "identity": identity(entry), "checksum": "", "code": "", **job})
        return ["--job", job.to_json(), "--output", str(output)]

    return make


def call(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["acquire", *arguments])
    script.main()


def test_script_takes_folder_and_addresses_from_the_environment(
    tmp_path, output, server, arguments, monkeypatch
):
    (tmp_path / "a.dat").write_bytes(CONTENT)
    call(monkeypatch, arguments())
    assert output.read_bytes() == CONTENT
    output.unlink()
    call(monkeypatch, arguments(make_entry(urls=[server.url]), {"folder": None}))
    assert output.read_bytes() == CONTENT and len(server.requests) == 1


def test_script_takes_its_patience_from_the_environment(arguments, monkeypatch):
    calls = []
    monkeypatch.setattr(script, "acquire", lambda *given, **named: calls.append(given))
    call(monkeypatch, arguments(data={"attempts": 7, "timeout": 0.25}))
    assert calls[0][-2:] == (7, 0.25)


def test_script_checks_the_planned_content(tmp_path, output, arguments, monkeypatch):
    (tmp_path / "a.dat").write_bytes(CONTENT)
    planned = identity(make_entry(sha256="0" * 64))
    with pytest.raises(InputError, match="0" * 64):
        call(monkeypatch, arguments(identity=planned))
    with pytest.raises(InputError, match="1" * 64):
        call(monkeypatch, arguments(UNVERIFIED, checksum="1" * 64))
    assert not output.exists()


def test_script_runs_by_its_name_and_ends_with_one_line(tmp_path, output, arguments):
    command = [sys.executable, "-P", "-m", "workbench.run_script", "acquire", *arguments()]
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW)}
    failed = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert failed.returncode == 1 and failed.stderr.startswith("error: a.dat: ")
    assert failed.stderr.count("\n") == 1
    (tmp_path / "a.dat").write_bytes(CONTENT)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert output.read_bytes() == CONTENT

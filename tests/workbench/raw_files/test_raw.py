"""The registry of raw files, and their way from a folder or a server to results/raw."""

import gzip
import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from amtl.errors import InputError
from workbench.raw_files import raw

ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WRONG = CONTENT[:-1] + b"!"
FAST = {"attempts": 3, "timeout": 5.0, "backoff": 0.0}


def make_entry(**given):
    defaults = {
        "path": "sub/a.dat",
        "tree": None,
        "urls": [],
        "sum_of": "file",
        "sha256": SHA256,
        "md5": None,
        "git_blob": None,
        "bytes": len(CONTENT),
        "unverified": False,
        "licence": "not stated",
        "citation": "Somebody (2000)",
        "note": "",
    }
    assert set(given) <= set(defaults)
    return defaults | given


def write_registry(path, entry):
    path.write_text(yaml.safe_dump({"files": {"a.dat": entry}}))
    return path


@pytest.fixture
def output(tmp_path):
    return tmp_path / "results" / "raw" / "a.dat"


def leftovers(output):
    return sorted(path.name for path in output.parent.iterdir()) if output.parent.exists() else []


def one_line(error):
    message = str(error.value)
    assert "\n" not in message
    return message


class Server:
    """A file on a local web server that counts requests and can misbehave."""

    def __init__(self):
        self.body, self.ranges, self.cut_after, self.status = CONTENT, True, [], []
        self.requests = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked = self.headers.get("Range")
                owner.requests.append(asked)
                if owner.status and (status := owner.status.pop(0)):
                    return self.send_error(status)
                body, start = owner.body, 0
                if asked and owner.ranges:
                    start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
                    if start >= len(body):
                        self.send_response(416)
                        self.send_header("Content-Range", f"bytes */{len(body)}")
                        self.end_headers()
                        return None
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(body) - start))
                self.end_headers()
                cut = owner.cut_after.pop(0) if owner.cut_after else None
                self.wfile.write(body[start:][:cut])
                return None

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/a.dat"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    yield server
    server.close()


# The registry


def test_shipped_registry_is_valid_and_every_entry_can_be_checked_or_says_not():
    entries = raw.load_registry(ROOT / "config" / "raw-files.yaml")
    assert {name for name, entry in entries.items() if entry["unverified"]} == {
        *(f"synthetic_inbalance_{index}.mat" for index in range(2, 6)),
        *(f"usps{index}.mat" for index in range(2, 6)),
        "AwA-features-decaf.tar.bz2",
    }


def test_shipped_registry_agrees_with_the_published_sums():
    sums = ROOT.parent / "shared" / "data" / "SHA256SUMS"
    if not sums.exists():
        pytest.skip(f"no {sums}")
    published = {path.removeprefix("./"): value for value, path in map(str.split, sums.open())}
    entries = raw.load_registry(ROOT / "config" / "raw-files.yaml")
    known = [entry for entry in entries.values() if entry["path"] in published and entry["sum_of"] == "file"]
    assert len(known) == 17
    assert all(entry["sha256"] == published[entry["path"]] for entry in known)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"shaa256": SHA256}, r"files\.a\.dat: unknown key 'shaa256'; did you mean 'sha256'\?"),
        ({"licence": None}, r"files\.a\.dat\.licence: None is not of type 'string'"),
        ({"sha256": "abc"}, r"files\.a\.dat\.sha256: 'abc' does not match"),
        ({"sha256": None}, r"files\.a\.dat: it has no checksum.*; give a sha256.* or else unverified"),
        (
            {"unverified": True},
            r"files\.a\.dat: .* one and is unverified; give a sha256",
        ),
        ({"urls": ["ftp://x/y"]}, r"files\.a\.dat\.urls\.0: 'ftp://x/y' does not match"),
        ({"path": "/elsewhere/a.dat"}, r"files\.a\.dat\.path: '/elsewhere/a.dat' does not match"),
        ({"bytes": 0}, r"files\.a\.dat\.bytes: 0 is less than"),
    ],
)
def test_bad_registry_entry(tmp_path, change, expected):
    path = write_registry(tmp_path / "registry.yaml", make_entry() | change)
    with pytest.raises(InputError, match=expected) as error:
        raw.load_registry(path)
    assert one_line(error).startswith(str(path))


@pytest.mark.parametrize(
    "text",
    [
        *("files: [", "", "- a", "file: {}"),
        *("files: {2024: {}}", "files: {}\nfiles: {}", "files: 2024-13-45", 'files: {"a\\n": {}}'),
    ],
)
def test_registry_that_is_none(tmp_path, text):
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match="registry.yaml: ") as error:
        raw.load_registry(path)
    one_line(error)


def test_missing_registry_and_unknown_file(tmp_path):
    with pytest.raises(InputError, match="registry.yaml: cannot be read"):
        raw.load_registry(tmp_path / "registry.yaml")
    with pytest.raises(InputError, match="no raw file 'ups.h5'; add it .*; did you mean 'usps.h5'"):
        raw.find_entry({"usps.h5": {}, "b": {}}, "ups.h5")


# The data folder


@pytest.mark.parametrize("place", ["sub/a.dat", "a.dat"])
def test_folder_comes_first_by_path_and_by_bare_name(tmp_path, output, server, place):
    file = tmp_path / "folder" / place
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    raw.acquire("a.dat", make_entry(urls=[server.url]), tmp_path / "folder", output, **FAST)
    assert output.read_bytes() == CONTENT
    assert server.requests == [] and leftovers(output) == ["a.dat"]


@pytest.mark.parametrize("place", ["sub/a.dat.gz", "a.dat.gz", "sub/a.dat", "a.dat"])
def test_sum_of_content_takes_gzipped_and_plain_files(tmp_path, output, place):
    file = tmp_path / "folder" / place
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.compress(CONTENT) if file.suffix == ".gz" else CONTENT)
    raw.acquire("a.dat", make_entry(path="sub/a.dat.gz", sum_of="content"), tmp_path / "folder", output)
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (WRONG, f"sha256 {hashlib.sha256(WRONG).hexdigest()}, expected {SHA256}"),
        (CONTENT[:1000], "1000 bytes, expected 512000"),
        (gzip.compress(CONTENT)[:1000], "damaged or incomplete gzip file"),
        (gzip.compress(WRONG), "expected " + SHA256),
    ],
)
def test_wrong_file_in_the_folder_is_an_error_and_not_a_download(tmp_path, output, server, body, expected):
    (tmp_path / "a.dat").write_bytes(body)
    entry = make_entry(sum_of="content", urls=[server.url])
    with pytest.raises(InputError, match=re.escape(expected)) as error:
        raw.acquire("a.dat", entry, tmp_path, output, **FAST)
    assert str(tmp_path / "a.dat") in one_line(error) and "replace or remove it" in str(error.value)
    assert server.requests == [] and leftovers(output) == []


def test_a_file_that_cannot_be_read_is_one_line(tmp_path, output, monkeypatch):
    (tmp_path / "a.dat").write_bytes(CONTENT)
    monkeypatch.setattr(raw, "_store", lambda *args: (tmp_path / "none").read_bytes())
    with pytest.raises(InputError, match="cannot be used: No such file or directory; replace or remove it"):
        raw.acquire("a.dat", make_entry(), tmp_path, output)


def test_a_failure_leaves_the_file_of_an_earlier_run(tmp_path, output):
    output.parent.mkdir(parents=True)
    output.write_bytes(CONTENT)
    (tmp_path / "a.dat").write_bytes(WRONG)
    with pytest.raises(InputError):
        raw.acquire("a.dat", make_entry(), tmp_path, output)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


@pytest.mark.parametrize(
    "sums",
    [
        {"md5": hashlib.md5(CONTENT).hexdigest()},
        {"git_blob": hashlib.sha1(b"blob 512000\0" + CONTENT).hexdigest()[:8]},
    ],
)
def test_md5_and_git_blob_sums(tmp_path, output, sums):
    entry = make_entry(sha256=None, **sums)
    (tmp_path / "a.dat").write_bytes(WRONG)
    with pytest.raises(InputError, match=f"{next(iter(sums))} .* expected {next(iter(sums.values()))}"):
        raw.acquire("a.dat", entry, tmp_path, output)
    (tmp_path / "a.dat").write_bytes(CONTENT)
    raw.acquire("a.dat", entry, tmp_path, output)
    assert raw.provenance("a.dat", entry, output)["verified"]


# The download


def test_download_by_http_shows_progress(output, server, capsys):
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert "a.dat: 0.5 of 0.5 MB (100 %)" in capsys.readouterr().err


def test_download_by_file_url(tmp_path, output):
    (tmp_path / "there.gz").write_bytes(gzip.compress(CONTENT))
    entry = make_entry(sum_of="content", urls=[(tmp_path / "there.gz").as_uri()])
    raw.acquire("a.dat", entry, tmp_path / "no-such-folder", output, **FAST)
    assert output.read_bytes() == CONTENT


def test_broken_connection_is_resumed(output, server):
    server.cut_after = [100_000, 50_000]
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert server.requests == [None, "bytes=100000-", "bytes=150000-"]


def test_broken_connection_starts_afresh_without_range_support(output, server):
    server.cut_after, server.ranges = [100_000], False
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_a_later_run_resumes_what_an_earlier_one_left(output, server):
    server.cut_after = [100_000]
    with pytest.raises(InputError, match="the connection ended after 100000 of 512000 bytes"):
        raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, attempts=1)
    assert not output.exists()
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]
    assert server.requests == [None, "bytes=100000-"]


@pytest.mark.parametrize(
    "left", [b"x" * 100_000, CONTENT, CONTENT + b"more"], ids=["stale", "whole", "longer"]
)
@pytest.mark.parametrize("ranges", [True, False])
def test_whatever_an_earlier_run_left_does_no_harm(output, server, left, ranges):
    server.ranges = ranges
    part = raw._partial_path(output, server.url)
    part.parent.mkdir(parents=True)
    part.write_bytes(left)
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_passing_failures_are_tried_again_and_lasting_ones_are_not(output, server):
    server.status = [503, 429]
    raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert output.read_bytes() == CONTENT and len(server.requests) == 3
    output.unlink()
    server.status, server.requests = [404], []
    with pytest.raises(InputError, match=re.escape(f"tried {server.url} (HTTP 404")):
        raw.acquire("a.dat", make_entry(urls=[server.url]), None, output, **FAST)
    assert len(server.requests) == 1


def test_the_next_address_is_tried_after_a_wrong_sum(tmp_path, output, server):
    (tmp_path / "good.dat").write_bytes(CONTENT)
    server.body = WRONG
    entry = make_entry(urls=[server.url, (tmp_path / "good.dat").as_uri()])
    raw.acquire("a.dat", entry, None, output, **FAST)
    assert output.read_bytes() == CONTENT and leftovers(output) == ["a.dat"]


def test_nothing_reachable_is_one_line_that_says_all(tmp_path, output, server):
    server.body = WRONG
    dead = "http://127.0.0.1:9/a.dat"
    entry = make_entry(urls=[server.url, dead], note="or do without")
    with pytest.raises(InputError) as error:
        raw.acquire("a.dat", entry, tmp_path, output, **FAST)
    message = one_line(error)
    assert message.startswith(f"a.dat: not in the data folder {tmp_path}; tried {server.url} (sha256 ")
    for part in (
        hashlib.sha256(WRONG).hexdigest(),
        SHA256,
        dead,
        "Connection refused",
        str(tmp_path / "sub/a.dat"),
    ):
        assert part in message
    assert message.endswith("; or do without")
    assert leftovers(output) == []


# Files without a published sum


def test_unverified_file_comes_from_the_folder_only(tmp_path, output, server):
    entry = make_entry(sha256=None, bytes=None, unverified=True, urls=[server.url])
    assert not raw.is_available(entry, tmp_path)
    with pytest.raises(InputError, match="not downloaded, as no checksum is published") as error:
        raw.acquire("a.dat", entry, tmp_path, output, **FAST)
    assert server.url in one_line(error) and server.requests == []
    (tmp_path / "a.dat").write_bytes(WRONG)
    assert raw.is_available(entry, tmp_path)
    raw.acquire("a.dat", entry, tmp_path, output, **FAST)
    found = raw.provenance("a.dat", entry, output)
    assert found["verified"] is False and found["sha256"] == hashlib.sha256(WRONG).hexdigest()


def test_availability_of_a_verified_file(tmp_path):
    assert raw.is_available(make_entry(urls=["http://127.0.0.1:9/a.dat"]), None)
    assert not raw.is_available(make_entry(), tmp_path)


def test_no_address_and_no_folder(tmp_path, output):
    with pytest.raises(InputError, match="no data folder is set; no download address is known") as error:
        raw.acquire("a.dat", make_entry(), None, output)
    assert "put it at sub/a.dat in a folder that data.folder names" in one_line(error)
    with pytest.raises(InputError, match="not in the data folder .*/none, which is no folder; no download"):
        raw.acquire("a.dat", make_entry(), tmp_path / "none", output)


# What the report says


def test_provenance_checks_once_more(output):
    entry = make_entry()
    with pytest.raises(InputError, match="no such file"):
        raw.provenance("a.dat", entry, output)
    output.parent.mkdir(parents=True)
    output.write_bytes(CONTENT)
    assert raw.provenance("a.dat", entry, output) == {
        "name": "a.dat",
        "sha256": SHA256,
        "bytes": len(CONTENT),
        "licence": "not stated",
        "citation": "Somebody (2000)",
        "verified": True,
    }
    output.write_bytes(WRONG)
    with pytest.raises(
        InputError, match="not the right file: sha256 .*; delete it and run the workflow again"
    ):
        raw.provenance("a.dat", entry, output)


def test_the_listing_of_a_folder_sees_names_and_sizes(tmp_path):
    for name in ("b/2", "b/1", "a/3"):
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_bytes(b"abc")
    first = raw.listing(tmp_path / "x")
    (tmp_path / "x").rename(tmp_path / "y")
    assert raw.listing(tmp_path / "y") == first, "the place of the folder does not matter"
    (tmp_path / "y" / "b" / "1").write_bytes(b"abcd")
    assert raw.listing(tmp_path / "y") != first
    (tmp_path / "y" / "b" / "1").write_bytes(b"abc")
    assert raw.listing(tmp_path / "y") == first
    (tmp_path / "y" / "b" / "1").rename(tmp_path / "y" / "a" / "1")
    assert raw.listing(tmp_path / "y") != first


def test_a_file_that_may_be_unpacked_says_so(tmp_path):
    entry = make_entry(tree="deep/features")
    line = raw.how_to_supply("a.dat", entry, tmp_path, [])
    assert f"put it at {tmp_path}/sub/a.dat, or unpack it there: deep/features" in line

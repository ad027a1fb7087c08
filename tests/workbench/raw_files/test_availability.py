"""Which raw files can be had: the data folder, the store of an earlier run, and addresses that answer."""

import hashlib
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from workbench.raw_files import availability as sources

CONTENT = b"raw"
SUM = hashlib.sha256(CONTENT).hexdigest()


def entry(path="x/a.mat", urls=(), **given):
    blank = dict.fromkeys(("sha256", "md5", "git_blob", "bytes"))
    return {
        "path": path,
        "urls": list(urls),
        "sum_of": "file",
        **blank,
        "sha256": SUM,
        "tree": None,
        "note": "",
        **given,
    }


@pytest.fixture
def server(monkeypatch):
    """Answer 404 below /gone, 503 below /busy, 429 below /wait, and else 200 with endless content."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            code = {"gone": 404, "busy": 503, "wait": 429}.get(self.path.split("/")[1], 200)
            self.send_response(code)
            self.send_header("Content-Length", "1000000000" if code == 200 else "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        running.asked = asked
        running.url = f"http://127.0.0.1:{running.server_port}"
        yield running
        running.shutdown()


@pytest.fixture
def survey(tmp_path):
    """Return the function that surveys one file, with a data folder and a store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "store").mkdir()

    def call(**given):
        entries = {"a": entry(**given)}
        results = [tmp_path / "read.npy"]
        found = sources.survey({"a": results}, entries, tmp_path / "data", tmp_path / "store", seconds=2.0)
        return {what: names for what, names in found.items() if names}

    return call


def test_a_file_in_the_data_folder_is_had_and_nobody_is_asked(survey, server, tmp_path):
    (tmp_path / "data" / "a.mat").write_bytes(b"anything: it is checked when it is acquired")
    assert survey(urls=[f"{server.url}/a"]) == {}
    assert server.asked == []


def test_a_stored_file_is_kept_while_it_is_what_the_registry_says(survey, server, tmp_path):
    (tmp_path / "store" / "a").write_bytes(CONTENT)
    assert survey(urls=[f"{server.url}/gone/a"]) == {"kept": ["a"]}
    assert server.asked == []
    (tmp_path / "store" / "a").write_bytes(b"row")
    assert survey(urls=[f"{server.url}/gone/a"])["absent"]
    assert server.asked == ["/gone/a"]


def test_an_unpacked_folder_takes_the_place_of_the_file(survey, server, tmp_path):
    given = {"tree": "deep/features", "urls": [f"{server.url}/gone/a"]}
    assert "absent" in survey(**given)
    for folder in ("data/deep/features", "data/x/deep/features"):
        (tmp_path / folder).mkdir(parents=True)
        assert survey(**given) == {}
        (tmp_path / folder).rmdir()


def test_what_was_read_into_another_file_is_not_needed(survey, server, tmp_path):
    (tmp_path / "read.npy").touch()
    assert survey(urls=[f"{server.url}/gone/a"]) == {"read": ["a"]}
    (tmp_path / "store" / "a").write_bytes(CONTENT)
    assert survey() == {"kept": ["a"]}
    (tmp_path / "data" / "a.mat").touch()
    assert survey() == {}


def test_one_address_that_answers_is_enough_and_nothing_is_downloaded(survey, server):
    assert survey(urls=[f"{server.url}/gone/a", f"{server.url}/a"]) == {}


def test_a_server_that_asks_for_patience_is_there(survey, server):
    assert survey(urls=[f"{server.url}/wait/a"]) == {}


def test_addresses_that_fail_are_told_with_their_reasons(survey, server):
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    urls = [f"{server.url}/gone/a", f"{server.url}/busy/a", f"http://127.0.0.1:{closed.getsockname()[1]}/a"]
    found = survey(urls=urls)
    closed.close()
    assert found["absent"] == {
        "a": [
            f"{urls[0]} (HTTP 404 Not Found)",
            f"{urls[1]} (HTTP 503 Service Unavailable)",
            f"{urls[2]} (Connection refused)",
        ]
    }


def test_a_file_without_address_or_without_sum_is_absent_and_nobody_is_asked(survey, server):
    assert survey() == {"absent": {"a": []}}
    assert survey(urls=[f"{server.url}/a"], sha256=None) == {"absent": {"a": []}}
    assert server.asked == []


def test_many_silent_addresses_take_the_time_of_one():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        urls = {f"http://127.0.0.1:{silent.getsockname()[1]}/{k}" for k in range(20)}
        started = time.monotonic()
        reasons = sources.probe(urls, seconds=0.5)
        assert time.monotonic() - started < 2.0
    assert set(reasons) == urls and all(reasons.values())


def test_the_reason_in_short_says_what_is_missing():
    assert sources.in_short("a", entry()) == "a is not in the data folder and no download address is known"
    unverified = entry(urls=["http://x/a"], sha256=None)
    assert sources.in_short("a", unverified).endswith("it is not downloaded, as no checksum is published")
    assert sources.in_short("a", entry(urls=["http://x/a"])).endswith("none of its addresses answers")

"""Which raw files are available: in the data folder, from an earlier run, or at addresses that answer."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from amtl.errors import InputError
from helpers.raw_files import CONTENT, WRONG, make_entry
from workbench.raw_files import availability

WORKFLOW = Path(__file__).parents[3] / "workflow"
# Asks one address while looking up a name takes a minute.
SLOW_LOOK_UP = """
import socket, time
from workbench.raw_files import availability
socket.getaddrinfo = lambda *args, **given: time.sleep(3600)
assert availability.probe({"http://a.invalid/"}, seconds=0.2)
"""


@pytest.fixture
def survey(tmp_path):
    """Return the function that surveys one file, with a data folder and a store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "store").mkdir()

    def call(**given):
        entries = {"a": make_entry(**given)}
        results = [tmp_path / "read.npy"]
        found = availability.survey(
            {"a": results}, entries, tmp_path / "data", tmp_path / "store", seconds=2.0
        )
        return {what: names for what, names in asdict(found).items() if names}

    return call


@pytest.fixture
def gone(server):
    """Return an address that answers with an error."""
    return server.add("/gone", b"HTTP/1.1 404 Not Found\r\n\r\n")


def test_file_in_the_data_folder_is_available_and_no_address_is_asked(survey, server, tmp_path):
    (tmp_path / "data" / "a.dat").write_bytes(b"anything: its content is checked when it is acquired")
    assert survey(urls=[server.url]) == {}
    assert server.requests == []


def test_stored_file_is_kept_while_it_is_what_the_registry_says(survey, server, gone, tmp_path):
    (tmp_path / "store" / "a").write_bytes(CONTENT)
    assert survey(urls=[gone]) == {"kept": ["a"]}
    assert server.requests == []
    (tmp_path / "store" / "a").write_bytes(WRONG)
    assert survey(urls=[gone])["absent"]
    assert len(server.requests) == 1


def test_stored_file_that_cannot_be_read_is_not_kept(survey, tmp_path, monkeypatch):
    (tmp_path / "store" / "a").write_bytes(CONTENT)

    def forbidden(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(availability, "measure", forbidden)
    assert survey() == {"absent": {"a": []}}


def test_unpacked_folder_replaces_the_file(survey, gone, tmp_path):
    assert "absent" in survey(tree="features", urls=[gone])
    (tmp_path / "data" / "features").mkdir()
    assert survey(tree="features", urls=[gone]) == {}


def test_file_is_not_needed_when_its_results_exist(survey, gone, tmp_path):
    (tmp_path / "read.npy").touch()
    assert survey(urls=[gone]) == {"read": ["a"]}
    (tmp_path / "store" / "a").write_bytes(CONTENT)
    assert survey() == {"kept": ["a"]}
    (tmp_path / "data" / "a.dat").touch()
    assert survey() == {}


def test_one_address_that_answers_is_enough(survey, server, gone):
    assert survey(urls=[gone, server.url]) == {}


def test_failed_addresses_are_named_with_their_reasons(survey, gone):
    urls = [gone, "http://127.0.0.1:9/a", "http://[::1/a", "http://müller.invalid/a", "file:///nowhere"]
    reasons = survey(urls=urls)["absent"]["a"]
    assert reasons[:2] == [f"{gone} (HTTP 404 Not Found)", f"{urls[1]} (Connection refused)"]
    assert all(reason.startswith(f"{url} (") for url, reason in zip(urls, reasons, strict=True))


def test_file_without_address_or_checksum_is_absent_and_no_address_is_asked(survey, server):
    assert survey() == {"absent": {"a": []}}
    assert survey(urls=[server.url], sha256=None, unverified=True) == {"absent": {"a": []}}
    assert server.requests == []


def test_file_that_nothing_was_made_of_is_absent(gone):
    found = availability.survey({"a": []}, {"a": make_entry(urls=[gone])}, None, seconds=2.0)
    assert list(found.absent) == ["a"] and found.read == []


def test_file_that_the_registry_does_not_know_is_named():
    with pytest.raises(InputError, match="'b'"):
        availability.survey({"b": []}, {"a": make_entry()}, None)


def test_many_silent_addresses_take_the_time_of_one():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        urls = {f"http://127.0.0.1:{silent.getsockname()[1]}/{k}" for k in range(20)}
        started = time.monotonic()
        reasons = availability.probe(urls, seconds=0.5)
        assert time.monotonic() - started < 2.0
    assert set(reasons) == urls and all(reasons.values())


def test_slow_look_up_of_names_delays_neither_the_survey_nor_the_end_of_the_process():
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW), "no_proxy": "*"}
    subprocess.run([sys.executable, "-c", SLOW_LOOK_UP], env=environment, check=True, timeout=300.0)


@pytest.fixture
def closed():
    """Return an address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/a"


def test_no_network_is_told_apart_from_a_file_that_is_gone(survey, gone, closed):
    assert survey(urls=[closed])["offline"]
    assert "offline" not in survey(urls=[gone])
    assert "offline" not in survey(urls=[closed, gone])
    assert "offline" not in survey(urls=[])


def test_short_reasons_differ():
    address = ["http://x/a"]
    entries = [
        make_entry(),
        make_entry(urls=address, sha256=None, unverified=True),
        make_entry(urls=address),
    ]
    lines = {availability.in_short("a", entry) for entry in entries}
    assert len(lines) == 3 and all(line.startswith("a ") for line in lines)

"""The process of a contender: its answers, and how it measures memory."""

import json
import mmap
import sys
from types import ModuleType

import numpy as np
import pytest

from helpers.benchmark import runs
from workbench.benchmark import data, memory, worker
from workbench.benchmark._spec import ProblemSpec
from workbench.benchmark.contenders import Answer


def serve(monkeypatch, tmp_path, run, judge, *tolerances):
    """Return the replies of a process with one contender to one command per tolerance."""
    module = ModuleType("made_up_case")
    module.SPEC = ProblemSpec(contenders=lambda given: [runs("it", run)], judge=lambda given: judge)
    monkeypatch.setitem(sys.modules, "made_up_case", module)
    monkeypatch.setattr(memory, "limit", lambda gib: None)
    data.save(tmp_path / "given.npz", {"a": 1})
    replies = []
    commands = [json.dumps({"tolerance": value, "limit": 1.0}) for value in tolerances]
    worker.serve("made_up_case", tmp_path / "given.npz", "it", 1.0, commands, replies.append)
    return replies


def test_each_command_is_answered_and_a_failure_ends_nothing(monkeypatch, tmp_path):
    def run(tolerance, limit):
        return Answer(1.0 / tolerance)

    replies = serve(monkeypatch, tmp_path, run, lambda value: (value, float("nan")), 0.0, 0.5)
    assert replies[0] == {"ready": True} and "ZeroDivisionError" in replies[1]["failed"]
    assert replies[2]["counts"] == {} and replies[3] == {"objective": 2.0, "residual": None}


def test_too_much_memory_names_the_limit(monkeypatch, tmp_path):
    def run(tolerance, limit):
        raise MemoryError

    _, reply = serve(monkeypatch, tmp_path, run, None, 0.5)
    assert "1 GiB" in reply["failed"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_run_reports_the_memory_it_adds():
    def run(tolerance, limit):
        # Pages of its own: an array might reuse freed memory.
        with mmap.mmap(-1, 64 << 20) as block:
            block[::1024] = bytes(64 << 10)
        return Answer(None)

    for _ in range(2):
        _, found = worker.run_once(run, 1.0, 1.0)
        assert 60.0 < found["peak_mib"] - found["held_mib"] < 80.0
    # The peak of the run before does not count.
    _, found = worker.run_once(lambda tolerance, limit: Answer(None), 1.0, 1.0)
    assert found["peak_mib"] - found["held_mib"] < 10.0


def test_a_problem_survives_its_file(tmp_path):
    given = {"X": np.eye(2), "loss": "squared", "rho": 0.5, "k": 3}
    data.save(tmp_path / "given.npz", given)
    back = data.load(tmp_path / "given.npz")
    assert np.array_equal(back.pop("X"), np.eye(2)) and back == {"loss": "squared", "rho": 0.5, "k": 3}

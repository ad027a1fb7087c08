"""The scripts of the example gallery: each runs, draws, and draws the same again."""

import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

RUN = """
import hashlib, runpy, sys
import matplotlib.pyplot as plt

plt.show = lambda: None
runpy.run_path(sys.argv[1])
for number in plt.get_fignums():
    figure = plt.figure(number)
    for axes in figure.axes:
        has_labels = axes.get_xlabel() or axes.get_ylabel() or axes.get_title()
        assert has_labels or not axes.axison, "axes without a label"
    figure.canvas.draw()
    print("picture", hashlib.sha256(figure.canvas.buffer_rgba()).hexdigest())
"""


def scripts(project):
    return sorted((project / "docs" / "examples").glob("*.py"))


def pytest_generate_tests(metafunc):
    if "script" in metafunc.fixturenames:
        found = scripts(metafunc.config.rootpath)
        metafunc.parametrize("script", found, ids=[path.stem for path in found])


def start(project, folder, script, seed):
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow"), "MPLBACKEND": "Agg"}
    return subprocess.Popen(
        [sys.executable, "-B", "-W", "error::DeprecationWarning", "-c", RUN, script],
        cwd=folder,
        env=environment | {"PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_script_runs_and_draws_the_same_again(project, tmp_path, script):
    if script.stem == "plot_read_a_graph":
        pytest.importorskip("networkx", reason="the extra docs has it")
    processes = [start(project, tmp_path, script, seed) for seed in (1, 2)]
    done = [(*process.communicate(timeout=600), process.returncode) for process in processes]
    for output, errors, code in done:
        assert (code, errors) == (0, ""), errors
        assert "picture" in output
    assert done[0][0] == done[1][0]


def test_gallery_has_no_two_scripts_of_one_title(project):
    assert len(scripts(project)) >= 10
    titles = [
        re.search(r'^"""\n(.+)\n=+\n', path.read_text(encoding="utf-8"))[1] for path in scripts(project)
    ]
    assert len(set(titles)) == len(titles)

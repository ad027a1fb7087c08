"""Bad input, by the command that the user runs: one error that says what is wrong and what to do.

The cases are in bad_input.py. Those of raw files are run a dozen at a time, each with another dataset, under
--keep-going and beside a dataset that needs none: every one fails for itself, that one comes out the same.
"""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from helpers.bad_input import (
    ADVICE,
    CASES,
    DATASETS,
    HEALTHY,
    RIGHTS,
    SETTINGS,
    SPLIT_FILES,
    STARTS,
    STORED,
    registry,
    rounds,
    tables,
    write_good_files,
)
from helpers.workflow_copy import UNPRIVILEGED, error_line
from workbench import pages

FITS = [f"results/fits/{HEALTHY}/{method}/split1.npz" for method in SETTINGS["run"]["methods"]]
SPLITS = [f"results/data/{dataset}/split1.npz" for dataset in DATASETS]
LAST = {dataset: f"results/fits/{dataset}/mean/split1.npz" for dataset in DATASETS}
ROUNDS = [*rounds(), RIGHTS, STORED]
LEFT = ("*.part", ".*", "tmp*")


@pytest.fixture(scope="module")
def good(fresh, tmp_path_factory):
    """A copy of the project with good raw files of every dataset, of which all splits are made."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("good") / "project")
    shutil.rmtree(copy.root / "data")
    write_good_files(copy.root / "data")
    (copy.root / "raw.yaml").write_text(yaml.safe_dump(registry()))
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS))
    copy.succeed(*SPLITS, *FITS)
    return copy


@pytest.fixture(scope="session")
def bound_by_rights(tmp_path_factory):
    """Skip a test where the user of the tests, as root, may read everything and cannot give that up."""
    path = tmp_path_factory.mktemp("rights") / "file"
    path.touch(mode=0)
    if subprocess.run([*UNPRIVILEGED, "cat", path], capture_output=True).returncode == 0:
        pytest.skip("this user may read every file")


class Outcome:
    """What a failed run said, its errors as they are repeated at its end, and the folder that it left."""

    def __init__(self, copy, done):
        self.copy, self.code, self.output = copy, done.returncode, done.stdout + done.stderr
        lines = self.output.splitlines()
        self.told = [line for line in lines if line.startswith("error:") and "(results/logs/" in line]

    def of(self, dataset):
        """Return the errors of the jobs of `dataset`."""
        module = DATASETS[dataset].get("dataset", dataset).replace("-", "_")
        logs = [f"prepare/{dataset}/", f"fit/{dataset}/", f"features/{module}.log"]
        logs += [f"acquire/{name}.log" for name in SPLIT_FILES[dataset]]
        return [line for line in self.told if any(f"(results/logs/{log}" in line for log in logs)]


@pytest.fixture(scope="module")
def run_of(good, tmp_path_factory, request):
    """Return the function that gives the outcome of the run of some cases; each run is made once."""
    outcomes = {}

    def outcome(cases):
        k = ROUNDS.index(cases)
        if cases is RIGHTS:
            request.getfixturevalue("bound_by_rights")
        if k not in outcomes:
            root = tmp_path_factory.mktemp("spoilt") / "project"
            left_out = () if cases is STORED else ("results", ".snakemake")
            shutil.copytree(good.root, root, ignore=shutil.ignore_patterns(*left_out))
            copy = type(good)(root)
            entries = {}
            for each in cases:
                each.make(root / "data")
                entries |= each.entry
            (root / "raw.yaml").write_text(yaml.safe_dump(registry(entries)))
            # Where most datasets are whole they would all be fitted.
            whole = len(cases) < len(SPLIT_FILES)
            targets = [*FITS, *(LAST[case.dataset] for case in cases)] if whole else []
            done = copy.snakemake("--keep-going", *targets, prefix=UNPRIVILEGED)
            allow_all(root)
            outcomes[k] = Outcome(copy, done)
        return outcomes[k]

    return outcome


def allow_all(root):
    """Give back the rights to everything below `root`."""
    for folder, _, names in os.walk(root, onerror=lambda error: os.chmod(error.filename, 0o755)):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            if os.path.exists(path):
                os.chmod(path, os.stat(path).st_mode | 0o700)


def check_told(line, parts):
    """Check that `line` holds all `parts` one after the other, and says what to do."""
    place = 0
    for part in parts:
        place = line.find(part, place)
        assert place >= 0, f"{part!r} is not, or not in its place, in {line!r}"
        place += len(part)
    assert ADVICE.search(line, line.find("; ") + 1), f"what to do? {line}"


@pytest.mark.parametrize(
    ("cases", "case"),
    [(cases, case) for cases in ROUNDS for case in cases],
    ids=lambda value: getattr(value, "what", "").replace(" ", "-"),
)
def test_a_bad_file(run_of, cases, case):
    outcome = run_of(cases)
    assert outcome.code != 0 and "Traceback" not in outcome.output
    told = outcome.of(case.dataset)
    assert len(told) == 1, outcome.output
    check_told(told[0], case.told)
    results = outcome.copy.root / "results"
    assert not list((results / "fits" / case.dataset).rglob("*.*"))
    if cases is not STORED:
        assert not list((results / "data" / case.dataset).rglob("*"))
        assert not list((results / "features").glob(f"{case.dataset}.*"))


@pytest.mark.parametrize("cases", ROUNDS, ids=lambda cases: cases[0].what.replace(" ", "-"))
def test_what_else_is_in_a_run_with_bad_files(run_of, good, cases):
    outcome = run_of(cases)
    assert len(outcome.told) == len(cases), outcome.told
    for name in (f"results/data/{HEALTHY}/split1.npz", *FITS):
        assert (outcome.copy.root / name).read_bytes() == (good.root / name).read_bytes()
    results = outcome.copy.root / "results"
    assert not [path for pattern in LEFT for path in results.rglob(pattern)]
    assert not [log for log in (results / "logs").rglob("*.log") if "Traceback" in log.read_text()]


@pytest.fixture(scope="module")
def started(fresh, tmp_path_factory):
    """Return {what: (the process, names of what it left)} of all bad starts, which are made two at a time."""

    def start(case):
        copy = fresh.duplicate(tmp_path_factory.mktemp("start") / "project")
        case.make(copy)
        before = {path.name for path in copy.root.parent.rglob("project/*")}
        done = copy.make() if case.make_file else copy.snakemake(prefix=UNPRIVILEGED)
        allow_all(copy.root)
        return done, {path.name for path in copy.root.iterdir()} - before

    with ThreadPoolExecutor(2) as pool:
        return dict(zip((case.what for case in STARTS), pool.map(start, STARTS), strict=True))


@pytest.mark.parametrize("case", STARTS, ids=lambda case: case.what.replace(" ", "-"))
def test_a_bad_start(started, request, case):
    if " may not be " in case.what:
        request.getfixturevalue("bound_by_rights")
    done, left = started[case.what]
    check_told(error_line(done), case.told)
    assert left <= {".snakemake", ".venv"}


@pytest.mark.parametrize(
    "target", ["results/tables/tabel1.md", "results/figures/figure9.svg", "results/data/minst/split1.npz"]
)
def test_a_target_that_there_is_not(fresh, target):
    done = fresh.snakemake("--dry-run", target)
    assert done.returncode != 0 and "Traceback" not in done.stdout + done.stderr
    assert f"No rule to produce {target}" in done.stdout + done.stderr


def test_there_are_enough_cases_and_all_are_different():
    every = [*CASES, *RIGHTS, *STORED, *STARTS]
    assert len(every) >= 100
    assert len({(case.what, getattr(case, "dataset", "")) for case in every}) == len(every)


def test_the_page_has_every_case(project):
    text = (project / "docs" / "bad-input.md").read_text()
    for kind, table in tables().items():
        assert f"<!-- cases: {kind} -->\n{table}\n<!-- end -->" in text
    assert pages.renew(text, "cases", tables()) == text, "renew it as tests/workflow/bad_input.py says"

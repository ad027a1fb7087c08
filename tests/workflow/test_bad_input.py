"""Bad input, by the command that the user runs: one error that says what is wrong and what to do, and no more.

The cases are in bad_input.py. Those of raw files are run a dozen at a time, each with another dataset, under
--keep-going and beside a dataset that needs none: every one fails for itself, and it comes out the same.
"""

import shutil

import pytest
import yaml

from bad_input import CASES, DATASETS, HEALTHY, SETTINGS, SPLIT_FILES, registry, rounds, write_good_files

FITS = [f"results/fits/{HEALTHY}/{method}/split1.npz" for method in SETTINGS["run"]["methods"]]
SPLITS = [f"results/data/{dataset}/split1.npz" for dataset in DATASETS]


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


class Outcome:
    """What a failed run said and left: the process, the lines that repeat its errors at its end, the folder."""

    def __init__(self, copy, done):
        self.copy, self.code, self.output = copy, done.returncode, done.stdout + done.stderr
        self.told = [
            line
            for line in self.output.splitlines()
            if line.startswith("error:") and "(results/logs/" in line
        ]

    def of(self, dataset):
        """Return the errors of the jobs of `dataset`."""
        module = DATASETS[dataset].get("dataset", dataset).replace("-", "_")
        logs = [f"prepare/{dataset}/", f"fit/{dataset}/", f"features/{module}.log"]
        logs += [f"acquire/{name}.log" for name in SPLIT_FILES[dataset]]
        return [line for line in self.told if any(f"(results/logs/{log}" in line for log in logs)]


@pytest.fixture(scope="module")
def spoilt(good, tmp_path_factory):
    """Return the function that gives the outcome of the run in which a case is spoilt; each run is made once."""
    outcomes = {}

    def outcome(case):
        k, cases = next((k, cases) for k, cases in enumerate(rounds()) if case in cases)
        if k not in outcomes:
            root = tmp_path_factory.mktemp("spoilt") / "project"
            shutil.copytree(good.root, root, ignore=shutil.ignore_patterns("results", ".snakemake"))
            copy = type(good)(root)
            entries = {}
            for each in cases:
                each.make(root / "data")
                entries |= each.entry
            (root / "raw.yaml").write_text(yaml.safe_dump(registry(entries)))
            outcomes[k] = Outcome(copy, copy.snakemake("--keep-going"))
        return outcomes[k]

    return outcome


def check_told(line, parts):
    """Check that `line` holds all `parts` one after the other."""
    place = 0
    for part in parts:
        place = line.find(part, place)
        assert place >= 0, f"{part!r} is not, or not in its place, in {line!r}"
        place += len(part)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dataset}: {case.what}".replace(" ", "-"))
def test_a_bad_raw_file(spoilt, case):
    outcome = spoilt(case)
    assert outcome.code != 0 and "Traceback" not in outcome.output
    told = outcome.of(case.dataset)
    assert len(told) == 1, outcome.output
    check_told(told[0], case.told)
    results = outcome.copy.root / "results"
    for path in (f"data/{case.dataset}", f"fits/{case.dataset}", f"features/{case.dataset}.npy"):
        assert not list((results / path).rglob("*")) and not (results / path).is_file()


@pytest.mark.parametrize("k", range(len(rounds())))
def test_the_rest_of_a_run_with_bad_files(spoilt, good, k):
    outcome = spoilt(rounds()[k][0])
    assert len(outcome.told) == len(rounds()[k]), outcome.told
    for name in (f"results/data/{HEALTHY}/split1.npz", *FITS):
        assert (outcome.copy.root / name).read_bytes() == (good.root / name).read_bytes()
    results = outcome.copy.root / "results"
    assert not [path for path in results.rglob("*") if path.name.startswith(".") or ".part" in path.name]
    assert not [log for log in (results / "logs").rglob("*.log") if "Traceback" in log.read_text()]
    for case in rounds()[k]:
        for name, entry in case.entry.items():
            assert not (results / "raw" / name).exists(), entry

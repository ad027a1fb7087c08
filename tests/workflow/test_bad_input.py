"""Bad input: one error that names the file, the key or the task, and says what to do.

The cases are in helpers/bad_input.py. Most call the functions that the scripts call. One run of Snakemake
shows that bad files of many datasets fail alone and leave the other results as they are.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from amtl.errors import InputError
from helpers.bad_input import (
    ADVICE,
    CASES,
    DATASETS,
    FILES,
    HEALTHY,
    RIGHTS,
    SETTINGS,
    START_RIGHTS,
    STARTS,
    STORED,
    registry,
    write_good_files,
)
from helpers.workflow_copy import RAW_FILE, UNPRIVILEGED, Copy, run, write_raw_file
from helpers.workflow_copy import SETTINGS as START_SETTINGS
from workbench import config, plugins, run_start
from workbench.plan import make_plan
from workbench.prepare import make_split, read_features
from workbench.raw_files.acquire import acquire
from workbench.split_files import load_split, save_split

pytestmark = pytest.mark.slow

# A start of the workflow, for a user who has not all permissions.
START = """
import sys
from pathlib import Path
from workbench import config, errors, run_start
from workbench.plan import make_plan


def main():
    plan = make_plan(config.read([Path("config/config.yaml"), Path("run.yaml")]), Path.cwd())
    run_start.require_folders(plan)

errors.run(main)
"""
name_of = {"ids": lambda case: f"{getattr(case, 'dataset', '')} {case.what}".strip().replace(" ", "-")}


def check_error(line, parts):
    """Check that `line` holds all `parts` one after the other, and then says what to do."""
    place = 0
    for part in parts:
        place = line.find(part, place)
        assert place >= 0, f"{part!r} is missing or out of place in {line!r}"
        place += len(part)
    assert ADVICE.search(line), f"no advice in {line!r}"


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good") / "data"
    write_good_files(folder)
    return folder


@pytest.fixture
def project_of(good_files, tmp_path, monkeypatch):
    """Return the function that makes a folder with the good raw files of a dataset the working directory."""
    monkeypatch.chdir(tmp_path)

    def make(dataset, entries=None):
        (tmp_path / "data").mkdir()
        for name in FILES[dataset]:
            shutil.copy2(good_files / name, tmp_path / "data")
        (tmp_path / "raw.yaml").write_text(yaml.safe_dump(registry(entries)), encoding="utf-8")
        return tmp_path

    return make


def make_files(dataset, replace=True):
    """Get the raw files of `dataset`, read its features and make its split, as the jobs do. Return the plan.

    replace : whether to make what exists once more.
    """
    run_settings = {**SETTINGS["run"], "datasets": [dataset]}
    plan = make_plan({**SETTINGS, "run": run_settings}, Path.cwd(), search=False)
    names, spec = plan.wanted_files(dataset), plan.dataset_spec(dataset)
    features, raw = plan.feature_files(dataset), {}
    for name in names:
        path, job = Path("results/raw", name), plan.acquire(name)
        raw[name] = path
        tree = features and plan.feature_tree(Path(features[0]).stem)
        if not tree and (replace or not path.exists()):
            acquire(
                name, {**plan.registry[name], **job.identity}, "data", path, 1, 5.0, checksum=job.checksum
            )
    if features and (replace or not all(map(os.path.exists, features))):
        feature_set = Path(features[0]).stem
        job = plan.features(feature_set)
        read_features(spec, job, Path(plan.feature_source(feature_set)), None, *features)
    path, job = plan.split_file(dataset, 1), plan.prepare(dataset, 1)
    if replace or not os.path.exists(path):
        save_split(path, job, make_split(spec, job, features or list(raw.values())))
    load_split(path, job.digest)


@pytest.mark.parametrize("dataset", FILES)
def test_good_files_give_a_split(project_of, dataset):
    project_of(dataset)
    make_files(dataset)


@pytest.mark.parametrize("case", CASES, **name_of)
def test_a_bad_file_is_an_error(project_of, case):
    folder = project_of(case.dataset, case.entry)
    case.make(folder / "data")
    with pytest.raises(InputError) as caught:
        make_files(case.dataset)
    check_error(str(caught.value), case.told)
    made = [path for name in ("data", "features") for path in (folder / "results" / name).rglob("*.*")]
    assert not made and not list((folder / "results").rglob("*.part"))


@pytest.mark.parametrize("case", STORED, **name_of)
def test_a_damaged_result_is_an_error(project_of, case):
    folder = project_of(case.dataset)
    make_files(case.dataset)
    case.make(folder / "data")
    with pytest.raises(InputError) as caught:
        make_files(case.dataset, replace=False)
    check_error(str(caught.value), case.told)


@pytest.fixture
def start_folder(project, tmp_path, monkeypatch):
    """A copy of the configuration, with one raw file, as the working directory."""
    copy = Copy(tmp_path / "project")
    shutil.copytree(project / "config", copy.root / "config")
    write_raw_file(copy.root / "data" / RAW_FILE)
    copy.register()
    (copy.root / "run.yaml").write_text(yaml.safe_dump(START_SETTINGS), encoding="utf-8")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.mark.parametrize("case", STARTS, **name_of)
def test_a_start_with_bad_input_is_an_error(start_folder, case):
    case.make(start_folder)
    with pytest.raises(InputError) as caught:
        plan = make_plan(config.read([Path("config/config.yaml"), Path("run.yaml")]), Path.cwd())
        run_start.require_folders(plan)
    check_error(str(caught.value), case.told)


@pytest.fixture(scope="session")
def bound_by_permissions(tmp_path_factory):
    """Skip a test where the user of the tests may read everything and cannot give that up."""
    path = tmp_path_factory.mktemp("permissions") / "file"
    path.touch(mode=0)
    if subprocess.run([*UNPRIVILEGED, "cat", path], capture_output=True).returncode == 0:
        pytest.skip("this user may read every file")


@pytest.mark.parametrize("case", START_RIGHTS, **name_of)
def test_a_start_without_permissions_is_an_error(bound_by_permissions, project, start_folder, case):
    case.make(start_folder)
    path = {"PYTHONPATH": str(project / "workflow")}
    done = run([*UNPRIVILEGED, sys.executable, "-c", START], start_folder.root, variables=path)
    allow_all(start_folder.root)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    check_error(done.stderr, case.told)


def allow_all(root):
    """Give back all permissions below `root`."""
    for folder, _, names in os.walk(root, onerror=lambda error: os.chmod(error.filename, 0o755)):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            if os.path.exists(path):
                os.chmod(path, os.stat(path).st_mode | 0o700)


def one_of_each():
    """Return one case of every dataset: those about permissions, and the first of the others."""
    return list({case.dataset: case for case in [*CASES, *RIGHTS]}.values())


@pytest.mark.slow
def test_bad_files_fail_alone_in_a_run(bound_by_permissions, fresh, good_files, tmp_path):
    """With --keep-going, beside a dataset without raw files."""
    copy = fresh.duplicate(tmp_path / "project")
    shutil.rmtree(copy.root / "data")
    shutil.copytree(good_files, copy.root / "data")
    cases, entries = one_of_each(), {}
    assert len(cases) == len(FILES)
    for case in cases:
        case.make(copy.root / "data")
        entries |= case.entry
    (copy.root / "raw.yaml").write_text(yaml.safe_dump(registry(entries)), encoding="utf-8")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    fits = [f"results/fits/{HEALTHY}/{method}/split1.json" for method in SETTINGS["run"]["methods"]]
    splits = [f"results/data/{case.dataset}/split1.npz" for case in cases]
    done = copy.snakemake("--keep-going", *fits, *splits, prefix=UNPRIVILEGED)
    allow_all(copy.root)
    assert done.returncode != 0 and "Traceback" not in done.stdout + done.stderr
    logs = copy.root / "results" / "logs"
    errors = {
        path.relative_to(logs).as_posix(): [line for line in text.splitlines() if line.startswith("error:")]
        for path in logs.rglob("*.log")
        if "error:" in (text := path.read_text(encoding="utf-8"))
    }
    assert len(errors) == len(cases)
    for case in cases:
        (line,) = next(lines for log, lines in errors.items() if log in logs_of(case.dataset))
        check_error(line, case.told)
        assert not list((copy.root / "results" / "data" / case.dataset).glob("*"))
    assert all((copy.root / path).exists() for path in fits)
    assert not list((copy.root / "results").rglob("*.part"))


def logs_of(dataset):
    """Return the logs of the jobs that read the raw files of `dataset`."""
    stem = plugins.find("datasets")[DATASETS[dataset].get("dataset", dataset)].rpartition(".")[2]
    acquired = [f"acquire/{name}.log" for name in FILES[dataset]]
    return [f"prepare/{dataset}/split1.log", f"features/{stem}.log", *acquired]


@pytest.mark.slow
def test_an_unknown_target_is_named(fresh):
    done = fresh.snakemake("--dry-run", "results/tables/tabel1.md")
    assert done.returncode != 0 and "Traceback" not in done.stdout + done.stderr
    assert "results/tables/tabel1.md" in done.stdout + done.stderr

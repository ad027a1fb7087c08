"""An edit to any module of the library runs the jobs that import it and what reads their results, no other.

Which jobs import a module is asked of Python's own `modulefinder`, not of the closure that the workflow uses.
The results are empty files that Snakemake was told to take for made: what is in them decides nothing here.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

import pytest
import yaml

from helpers.workflow_copy import run
from workbench import config
from workbench.raw_files import raw

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "workflow").glob("amtl/**/*.py"))
METHODS, DATASETS = sorted(config.builtin("methods")), sorted(config.builtin("datasets"))
SETTINGS = {
    "run": {
        # Those that have figures of their own; the others have their splits, see TARGETS.
        "datasets": ["synthetic", "mnist"],
        "methods": ["stl", "amtl", "amtl-curriculum", "go-mtl"],
        "splits": 1,
        "ablations": ["amtl-short"],
        "ablation_datasets": ["synthetic"],
    },
    "methods": {"amtl-short": {"method": "amtl", "alternations": 1, "question": "Why stop?"}},
    "data": {"folder": "data"},
    "benchmark": {"cases": config.benchmark_cases()},
}
SPLITS = [f"results/data/{dataset}/split1.npz" for dataset in DATASETS]
FITS = [f"results/fits/synthetic/{method}/split1.json" for method in METHODS]
ARGUMENTS = ["--configfile", "run.yaml", "--cores", "1", "--scheduler", "greedy"]
TARGETS = ["all", "benchmark", *SPLITS, *FITS]
CORES = 2


def rows(output):
    """Return the rows of a ``--summary`` or ``--detailed-summary`` as dicts."""
    lines = [line.split("\t") for line in output.splitlines() if line.count("\t") >= 5]
    assert lines, output
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


class Job:
    """The job that makes `output`: what it imports, what code it has as input, and all that it reads."""

    def __init__(self, output, inputs, rule):
        self.rule = rule
        self.imports = imported_by(rule, *entries(rule, Path(output)))
        self.code = {path for path in inputs if path.startswith("workflow/amtl/")}
        self.reads = set(inputs)


# Of the rules that are not called like their script.
SCRIPTS = {"scores": "collect_scores", "table": "make_table", "figure": "make_figure"}


def entries(rule, output):
    """Return the modules that the script of `rule` takes by name when it makes `output`."""
    folder, stem = output.parent, output.stem.replace("-", "_")
    if rule == "prepare":
        return [f"datasets.{folder.name.replace('-', '_')}"]
    if rule == "features":
        return [f"datasets.{stem}"]
    if rule == "fit":
        method = SETTINGS["methods"].get(folder.name, {"method": folder.name})["method"]
        return [f"methods.{method.replace('-', '_')}"]
    if rule == "benchmark_case":
        return ["benchmark.worker", f"benchmark.cases.{stem}"]
    if rule == "benchmark_scaling":
        return ["benchmark.worker"]
    return {"table": [f"tables.{stem}"], "figure": [f"plots.{stem}"]}.get(rule, [])


@cache
def imported_by(rule, *modules):
    """Return the package's files that the script of `rule` and `modules` import, by Python's byte code."""
    script = ROOT / "workflow" / "scripts" / f"{SCRIPTS.get(rule, rule)}.py"
    if not script.exists():
        return frozenset()
    finder = ModuleFinder(path=[str(ROOT / "workflow")])
    finder.run_script(str(script))
    for module in modules:
        finder.import_hook(f"amtl.{module}")
    files = (Path(module.__file__) for module in finder.modules.values() if module.__file__)
    return frozenset(file.relative_to(ROOT).as_posix() for file in files) - {
        script.relative_to(ROOT).as_posix()
    }


@pytest.fixture(scope="module")
def copies(fresh, tmp_path_factory):
    """Copies of the project in which everything counts as made, one for each core."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("mutations") / "0")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS))
    for entry in raw.load_registry(copy.root / "config" / "raw-files.yaml").values():
        path = copy.root / "data" / entry["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    listed = copy.succeed("--summary", *TARGETS, cores=1)
    for row in rows(listed.stdout):
        path = copy.root / row["output_file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    copy.succeed("--touch", *TARGETS, cores=1)
    return [copy, *(copy.duplicate(copy.root.parent / str(number)) for number in range(1, CORES))]


@pytest.fixture(scope="module")
def jobs(copies):
    """{output: Job} of all that the targets need."""
    listed = rows(copies[0].succeed("--detailed-summary", *TARGETS, cores=1).stdout)
    assert {row["plan"] for row in listed} == {"no update"}
    return {
        row["output_file"]: Job(row["output_file"], row["input-file(s)"].split(","), row["rule"])
        for row in listed
    }


@pytest.fixture(scope="module")
def summaries(copies):
    """{module: rows of the summary after an edit to it}."""
    script = Path(__file__).with_name("plan_edits.py")
    command = [sys.executable, str(script), *ARGUMENTS, "--summary", *TARGETS]

    def plan(number):
        names = "\n".join(MODULES[number::CORES])
        done = run(command, copies[number].root, timeout=1200, input=names)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    with ThreadPoolExecutor(CORES) as pool:
        return {name: rows(text) for part in pool.map(plan, range(CORES)) for name, text in part}


def test_the_code_among_the_inputs_of_every_job_is_what_it_imports(jobs):
    assert {job.rule for job in jobs.values()} >= {"prepare", "features", "fit", "scores", "table", "figure"}
    for output, job in jobs.items():
        assert job.code == job.imports, output


@pytest.mark.parametrize("module", MODULES)
def test_an_edited_module_runs_the_jobs_that_import_it_and_no_other(module, jobs, summaries):
    importing = {output for output, job in jobs.items() if module in job.imports}
    changed = {"updated input files", "params changed"}
    assert {row["output_file"] for row in summaries[module] if row["status"] in changed} == importing
    following, size = set(importing), -1
    while size != len(following):
        size = len(following)
        following |= {output for output, job in jobs.items() if job.reads & following}
    assert {row["output_file"] for row in summaries[module] if row["plan"] == "update pending"} == following

"""An edit to any module runs the jobs whose code imports it and what reads their results, and no others.

Python's `modulefinder` says what a job imports; the workflow reads syntax trees. The two are compared for
every job. Two modules of each folder are edited: the digests of all jobs are computed after each edit without
Snakemake, and one test shows that Snakemake plans by them.
"""

import ast
import shutil
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

import pytest

from workbench import code_dependencies, config, plugins
from workbench.code_dependencies import NEUTRAL
from workbench.plan import TIDY, Plan
from workbench.raw_files import registry

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "workflow"
MODULES = sorted(
    path.relative_to(WORKFLOW).as_posix()
    for package in ("amtl", "workbench", "scripts")
    for path in WORKFLOW.glob(f"{package}/**/*.py")
)
FOLDERS = {name.rpartition("/")[0] for name in MODULES}
# Two modules of each folder, mostly its __init__ and one other.
EDITED = [
    name
    for folder in sorted(FOLDERS)
    for name in [name for name in MODULES if name.rpartition("/")[0] == folder][:2]
]
METHODS, DATASETS = sorted(plugins.find("methods")), sorted(plugins.find("datasets"))
SETTINGS = {
    "run": {
        "datasets": ["synthetic", "mnist"],
        "methods": ["stl", "amtl", "amtl-curriculum", "go-mtl"],
        "splits": 1,
        "ablations": ["amtl-short"],
        "ablation_datasets": ["synthetic"],
    },
    "methods": {"amtl-short": {"method": "amtl", "alternations": 1, "question": "Why stop?"}},
    "benchmark": {"cases": sorted(plugins.find("cases"))},
}
EDIT = "\nADDED_BY_AN_EDIT = 1\n"
# Code that checks, plans, carries or reports is part of no fit: folders and modules.
NO_FIT = [
    "amtl/__init__.py",
    "amtl/errors.py",
    "scripts/acquire.py",
    "scripts/features.py",
    "scripts/scores.py",
    "scripts/table.py",
    *(f"workbench/{folder}/" for folder in ("benchmark", "config", "papers", "raw_files", "report")),
    *(f"workbench/{name}.py" for name in ("__main__", "code_dependencies", "errors", "jobs")),
    *(f"workbench/{name}.py" for name in ("pages", "plan", "plugins", "progress", "result_files")),
    *(f"workbench/{name}.py" for name in ("run_info", "run_script", "run_start", "scores")),
    "workbench/source_loader.py",
]


class Job:
    """A job: the digest that the plan gives it, the modules that it runs and the results that it reads.

    modules : what its script imports by name. reads : paths; raw files and published ones are no results.
    """

    def __init__(self, job, script, modules=(), reads=()):
        self.digest, self.code = job.digest, (f"scripts.{script}", *modules)
        outside = ("results/raw/", "results/published/")
        self.reads = {result_of(path) for path in reads if not path.startswith(outside)}

    def imports(self, folder):
        """Return the files of ours in `folder` that the job imports."""
        return imported(folder, *self.code)


def result_of(path):
    """Return one name for all files that one job makes, such as the json and the npz of a fit."""
    return "results/scores" if path in TIDY.values() else path.rpartition(".")[0]


class Finder(ModuleFinder):
    """A finder that leaves out what only type checkers import. Each file is compiled once."""

    def load_module(self, fqname, fp, pathname, file_info):
        if fp is None:
            return super().load_module(fqname, fp, pathname, file_info)
        module = self.add_module(fqname)
        module.__file__, module.__code__ = pathname, compiled(pathname)
        self.scan_code(module.__code__, module)
        return module


@cache
def compiled(path):
    """Return the byte code of a file without what only type checkers import."""
    tree = ast.parse(Path(path).read_bytes())
    tree.body = [each for each in tree.body if not _is_for_type_checkers(each)]
    return compile(tree, path, "exec")


def _is_for_type_checkers(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def imported(folder, *modules):
    """Return the files below `folder` that the modules import, by their byte code, but for neutral ones."""
    neutral = [name.removesuffix(".py").replace("/", ".") for name in NEUTRAL if "__init__" not in name]
    finder = Finder(path=[str(folder)], excludes=neutral)
    for module in modules:
        finder.import_hook(module)
    files = (Path(module.__file__) for module in finder.modules.values() if module.__file__)
    return {file.relative_to(folder).as_posix() for file in files} - set(NEUTRAL)


def all_jobs(plan):
    """Return {result: Job} of a plan."""
    module = {kind: plugins.find(kind) for kind in plugins.PACKAGES}
    cases, worker = plan.config["benchmark"]["cases"], "workbench.benchmark.worker"
    jobs = {}
    for name in plan.feature_sets:
        jobs[f"results/features/{name}"] = Job(plan.features(name), "features", [plan.feature_sets[name]])
    for name in DATASETS:
        jobs[result_of(plan.split_file(name, 1))] = Job(
            plan.prepare(name, 1), "prepare", [module["datasets"][name]], plan.prepare_inputs(name, 1)
        )
    read_by_cases = [tuple(Path(fit).parts[2:4]) for case in cases for fit in plan.case_inputs(case)["fits"]]
    every_method = [("synthetic", method) for method in METHODS]
    for dataset, method in {*(fit[:2] for fit in plan.fits()), *read_by_cases, *every_method}:
        file = module["methods"][plan.entry("methods", method)["method"]]
        jobs[result_of(plan.fit_file(dataset, method, 1))] = Job(
            plan.fit(dataset, method, 1), "fit", [file], [plan.split_file(dataset, 1)]
        )
    for name in DATASETS:
        jobs[result_of(plan.pairs_file(name, 1))] = Job(
            plan.pairs(name, 1), "pairs", reads=[plan.split_file(name, 1)]
        )
    jobs["results/scores"] = Job(plan.scores, "scores", reads=plan.fit_files("json"))
    jobs["results/settings"] = Job(plan.settings, "settings")
    for kind, script in (("tables", "table"), ("figures", "figure")):
        for name in getattr(plan, kind):
            jobs[f"results/{kind}/{name}"] = Job(
                plan.output(kind, name), script, [module[kind][name]], chain(plan.output_inputs(kind, name))
            )
    for name in cases:
        jobs[f"results/benchmark/cases/{name}"] = Job(
            plan.benchmark_case(name),
            "benchmark_case",
            [module["cases"][name], worker],
            chain(plan.case_inputs(name)),
        )
    for axis in plan.axes:
        jobs[f"results/benchmark/scaling/{axis}"] = Job(
            plan.benchmark_scaling(axis), "benchmark_scaling", [worker]
        )
    measured = [f"results/benchmark/cases/{name}.json" for name in cases]
    jobs["results/benchmark/table"] = Job(plan.benchmark_table, "benchmark_table", reads=measured)
    axes = [f"results/benchmark/scaling/{axis}.json" for axis in plan.axes]
    jobs["results/benchmark/scaling"] = Job(plan.benchmark_curves, "benchmark_curves", reads=axes)
    read = chain(plan.report_inputs())
    jobs["results/report"] = Job(plan.report, "report", reads=read)
    # What is published is compared with nothing.
    compared = {f"results/{kind}/{name}" for kind, name, spec in plan.shown if spec.reads_published}
    own = [path for path in read if result_of(path) not in compared]
    jobs["publish"] = Job(plan.publish, "publish", reads=own)
    jobs["publish_benchmark"] = Job(plan.plain("publish_benchmark"), "publish_benchmark")
    return jobs


def chain(inputs):
    """Return the files of {role: files} as one list."""
    return [path for files in inputs.values() for path in files]


@pytest.fixture(scope="module")
def copy_of_code(tmp_path_factory):
    """A copy of the packages; the plan takes their code for that of the jobs."""
    folder = tmp_path_factory.mktemp("code") / "workflow"
    shutil.copytree(WORKFLOW, folder, ignore=shutil.ignore_patterns("__pycache__"))
    # modulefinder knows no packages without it.
    (folder / "scripts" / "__init__.py").touch()
    # Imported before the patch: one of the cases keeps the place of our packages.
    for module in (module for kind in plugins.PACKAGES for module in plugins.find(kind).values()):
        plugins.load_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_dependencies, "ROOT", folder)
        # Each version of a file is parsed once.
        patch.setattr(code_dependencies, "_imported_names", cache(code_dependencies._imported_names))
        yield folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The configuration, with a data folder in which every raw file is present, and the registry."""
    folder = tmp_path_factory.mktemp("data")
    entries = registry.load(ROOT / "config" / "raw-files.yaml")
    for entry in entries.values():
        path = folder / entry["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return config.normalise({**SETTINGS, "data": {"folder": str(folder)}}), entries


@pytest.fixture(scope="module")
def jobs(copy_of_code, settings):
    return all_jobs(Plan(*settings))


def with_readers(results, jobs):
    """Return `results` and all that are made from them."""
    found, size = set(results), -1
    while size != len(found):
        size = len(found)
        found |= {result for result, job in jobs.items() if job.reads & found}
    return found


def test_the_code_of_a_job_is_what_it_imports(copy_of_code, jobs):
    dependencies = code_dependencies.CodeDependencies()
    for result, job in jobs.items():
        assert set(dependencies.files(*job.code)) == job.imports(copy_of_code), result


@pytest.mark.parametrize("module", EDITED)
def test_an_edited_module_runs_the_jobs_that_import_it_and_no_other(module, copy_of_code, settings, jobs):
    path = copy_of_code / module
    content = path.read_bytes()
    path.write_bytes(content + EDIT.encode())
    try:
        after = all_jobs(Plan(*settings))
    finally:
        path.write_bytes(content)
    changed = {result for result, job in jobs.items() if after[result].digest != job.digest}
    importing = {result for result, job in jobs.items() if module in job.imports(copy_of_code)}
    assert changed == with_readers(importing, jobs)


def test_code_that_checks_plans_or_reports_is_part_of_no_fit(copy_of_code, jobs):
    assert all((WORKFLOW / name).exists() for name in NO_FIT)
    fits = [job for result, job in jobs.items() if result.startswith("results/fits/")]
    assert len(fits) > len(METHODS)
    for job in fits:
        assert not [file for file in job.imports(copy_of_code) if file.startswith(tuple(NO_FIT))]


def test_every_result_that_a_job_reads_is_among_the_jobs(jobs):
    """Otherwise the readers of a result would be missing from what is expected."""
    assert set().union(*(job.reads for job in jobs.values())) <= jobs.keys()


@pytest.mark.slow
def test_snakemake_plans_by_these_digests(fresh, copy_of):
    copy = copy_of(fresh)
    targets = [f"results/fits/synthetic/{method}/split1.json" for method in ("mean", "stl")]
    copy.succeed(*targets)
    for name in NO_FIT:
        for path in [copy.root / "workflow" / name] if name.endswith(".py") else []:
            path.write_text(path.read_text(encoding="utf-8") + EDIT)
    assert copy.planned(*targets) == set()
    copy.edit("workflow/amtl/methods/single/stl.py", EDIT)
    assert copy.planned(*targets) == {"Fitting stl on split 1 of synthetic"}

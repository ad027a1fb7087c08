"""Helpers for all rule files and the checked configuration."""

import json
import math
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.jobs import Job
from snakemake.logging import logger
from snakemake.settings.enums import Quietness

sys.path.insert(0, f"{workflow.basedir}/workflow")

from workbench import config as configuration
from workbench.papers.lee2016 import numbers as paper
from workbench import provenance
from workbench.raw_files import raw, availability as sources
from workbench.code_dependencies import ROOT, closure, digest
from workbench.code_dependencies import origin as origin_of
from workbench.datasets import _registry as registry
from amtl.errors import InputError, end
from workbench.progress import follow
from workbench.running import announce, another_works, require_place, require_writable, work_alone
from workbench.report.tables.difference import COMPARED
from workbench.takeover import require_current, take_over

SCORES = "results/scores.csv"
PUBLISHED = "results/published"
# Bytes up to which Snakemake looks at the content of an input, not at its date alone, if not told otherwise.
CHECKSUMMED = 1_000_000
# Which sources answer is asked once, at the start of a run; its jobs find the answer in this variable.
ANSWER = "AMTL_SOURCES"
# What the benchmark takes where the authors' file cannot be had.
STAND_INS = {"synthetic-authors": "synthetic"}

# Jobs find the package, and the Python that runs Snakemake, whatever the user's shell has.
os.environ.update(
    PYTHONPATH=str(ROOT),
    PATH=f"{os.path.dirname(sys.executable)}:{os.getenv('PATH', '')}",
)
PROGRESS = None


def to_json(content):
    """Return one JSON string: what a job depends on, as a single value to compare."""
    return json.dumps(content, sort_keys=True)


def script(name):
    """Return the path of a script, relative so that the project may move without a job to run again."""
    return os.path.relpath(ROOT / "scripts" / f"{name}.py")


def code(*files):
    """Return the package's files that `files` (relative to the workflow folder) reach by their imports."""
    return relative(closure(*files))


def origin(*files):
    """Return the code and the package versions of a job on `files`: they count whatever the dates of files."""
    return to_json(origin_of(*files))


def relative(files):
    """Return `files`, given from the workflow folder, as seen from the working directory."""
    return [os.path.relpath(ROOT / file) for file in files]


def scaled(base, per_mb=0):
    """Return a resource: `base` and `per_mb` for each MB of input, and as much again at each further attempt."""
    if not per_mb:
        # The size is asked for only where it counts: it is not known before the input is there.
        return lambda wildcards, attempt: attempt * base
    return lambda wildcards, input, attempt: attempt * (base + math.ceil(per_mb * input.size_mb))


def available(name):
    """Say whether the raw file `name` can be had."""
    return name not in SOURCES["absent"]


def require_cores():
    """Raise InputError for a number of cores with which Snakemake would wait forever, or take as many as there are jobs."""
    cores = workflow.resource_settings.cores
    if cores is not None and cores < 1 and not workflow.output_settings.dryrun:
        raise InputError(f"--cores {cores}: no job can run; give 1 or more, or all")


def require_folder(folder):
    """Raise InputError unless the data folder, if there is one, is a folder that may be searched."""
    if folder and not Path(folder).is_dir():
        raise InputError(
            f"config: data.folder: there is no folder {folder}; name another one, or null to download"
        )
    if folder and not os.access(folder, os.R_OK | os.X_OK):
        raise InputError(f"config: data.folder: no right to read the folder {folder}; change its rights")


def local_copy(name):
    """Return the raw file in the data folder as a list, empty when it is not there.

    One that may not be read is no input, which Snakemake would stop at: the job that reads it says so.
    """
    found = raw.find_local(raw.find_entry(REGISTRY, name), CONFIG["data"]["folder"])
    return [str(found)] if found and os.access(found, os.R_OK) else []


def local_input(wildcards):
    """Return `local_copy` as an input."""
    found, verified = local_copy(wildcards.file), raw.has_sum(REGISTRY[wildcards.file])
    # Snakemake compares no checksums of files as large as this, only their dates. What was stored has the sum
    # of the registry, which is in the job: a date says nothing more.
    large = [ancient(path) for path in found if verified and os.path.getsize(path) > CHECKSUMMED]
    return large or found


def dataset_module(dataset):
    """Return the imported module behind the entry `dataset`."""
    return registry.load(DATASETS[dataset]["module"])


def dataset_file(dataset):
    """Return the module file behind the entry `dataset`, relative to the workflow folder."""
    return f"amtl/datasets/{DATASETS[dataset]['module']}.py"


def method_facts(method):
    """Return the constants of the module behind the entry `method`."""
    return configuration.facts("methods", METHODS[method]["module"])


def fit_closure(method):
    """Return the package's files that a fit of the entry `method` uses."""
    return closure("scripts/fit.py", f"amtl/methods/{METHODS[method]['module']}.py")


def files_of_split(dataset, number):
    """Return the names of the raw files that split `number` of `dataset` is made from in the end."""
    return dataset_module(dataset).files(DATASETS[dataset]["options"], number)


def feature_files(dataset):
    """Return the files into which the features of `dataset` are read before any split is made, mostly none."""
    if not registry.reads_features(dataset_module(dataset)):
        return []
    return [f"results/features/{DATASETS[dataset]['module']}.{suffix}" for suffix in ("npy", "json")]


def raw_files(wildcards):
    """Return the names of the raw files that the job of one split reads."""
    if feature_files(wildcards.dataset):
        return []
    return files_of_split(wildcards.dataset, int(wildcards.split))


def source_files(wildcards):
    """Return the files that the job of one split reads: raw, or the features read from them."""
    return feature_files(wildcards.dataset) or [f"results/raw/{name}" for name in raw_files(wildcards)]


def feature_file(module):
    """Return the name of the one raw file that holds the features of the dataset module `module`."""
    return registry.load(module).files({})[0]


def feature_tree(module):
    """Return the folder that takes the place of the raw file, or None where the file itself is at hand."""
    name = feature_file(module)
    if local_copy(name) or name in SOURCES["kept"]:
        return None
    return raw.find_tree(REGISTRY[name], CONFIG["data"]["folder"])


def feature_source(wildcards):
    """Return the raw file or the folder that the features are read from."""
    tree = feature_tree(wildcards.feature_set)
    # The date of a folder says nothing: what it holds is in the job.
    return ancient(str(tree)) if tree else f"results/raw/{feature_file(wildcards.feature_set)}"


def class_list(module):
    """Return the list of classes in the data folder as a list, empty when there is none."""
    folder = CONFIG["data"]["folder"]
    found = [Path(folder, path) for path in registry.load(module).CLASS_LISTS] if folder else []
    return [str(path) for path in found if path.is_file()][:1]


def features_job(wildcards):
    """Return what reading features depends on, besides the content of its files."""
    name, tree = feature_file(wildcards.feature_set), feature_tree(wildcards.feature_set)
    content = {"module": wildcards.feature_set, "files": {name: REGISTRY[name]}}
    return to_json(content | ({"listing": raw.listing(tree)} if tree else {}))


def count_splits(dataset, available):
    """Return how many splits of `dataset` the run has, by the raw files that are `available`."""
    return min(RUN["splits"], dataset_module(dataset).splits(DATASETS[dataset]["options"], available))


def wanted_files(dataset):
    """Return the raw files that the run would like to have of `dataset`, as `sources.survey` takes them."""
    numbers = range(1, count_splits(dataset, lambda name: True) + 1)
    return {name: feature_files(dataset) for number in numbers for name in files_of_split(dataset, number)}


def find_sources():
    """Return what `sources.survey` says; a job that reads this file again is told the same through AMTL_SOURCES."""
    if ANSWER not in os.environ:
        wanted = [item for dataset in RUN["datasets"] for item in wanted_files(dataset).items()]
        found = sources.survey(dict(wanted), REGISTRY, CONFIG["data"]["folder"])
        os.environ[ANSWER] = to_json({**found, "reported": False})
    return json.loads(os.environ[ANSWER])


def missing_file(dataset):
    """Return the name of a raw file without which `dataset` cannot be run, or None."""
    for number in range(1, max(count_splits(dataset, available), 1) + 1):
        for name in files_of_split(dataset, number):
            if not available(name):
                return name
    return None


def leave_out_datasets():
    """Take the datasets that cannot be had out of the run; return {dataset: reason}, and say once how to supply them.

    Raises InputError when none is left or run.strict does not allow it.
    """
    missing = {dataset: missing_file(dataset) for dataset in RUN["datasets"]}
    missing = {dataset: name for dataset, name in missing.items() if name is not None}
    folder = CONFIG["data"]["folder"]
    advice = {
        dataset: raw.how_to_supply(name, REGISTRY[name], folder, SOURCES["absent"][name])
        for dataset, name in missing.items()
    }
    RUN["datasets"] = [dataset for dataset in RUN["datasets"] if dataset not in missing]
    if missing and (RUN["strict"] or not RUN["datasets"]):
        cause = "run.strict is set and" if RUN["strict"] else "no dataset of the run is left, as"
        what = " | ".join(f"{dataset}: {text}" for dataset, text in advice.items())
        raise InputError(f"{cause} raw files cannot be had: {what}; or take it out of run.datasets")
    if not SOURCES["reported"]:
        for dataset, text in advice.items():
            print(f"not run: {dataset}: {text}", file=sys.stderr)
        os.environ[ANSWER] = to_json({**SOURCES, "reported": True})
    return {dataset: sources.in_short(name, REGISTRY[name]) for dataset, name in missing.items()}


def usable(methods, dataset):
    """Return those of `methods` that can be used on `dataset`; some need the weights that generated the data."""
    of_dataset = dataset_module(dataset)
    has_truth = getattr(of_dataset, "TRUTH", False)
    facts = {name: method_facts(name) for name in methods}
    return [
        name
        for name in methods
        if of_dataset.KIND in facts[name]["APPLIES_TO"] and (has_truth or not facts[name]["NEEDS_TRUTH"])
    ]


def require_methods():
    """Raise InputError when none of the run's methods can be used on one of its datasets."""
    for dataset in RUN["datasets"]:
        if not methods_for(dataset):
            raise InputError(
                f"config: run.methods: none of {', '.join(RUN['methods'])} can be used on {dataset}; add one that "
                "can, or take it out of run.datasets"
            )


def methods_for(dataset):
    """Return the run's methods that can be used on `dataset`."""
    return usable(RUN["methods"], dataset)


def ablations_for(dataset):
    """Return the run's ablations that are fitted on `dataset`."""
    return usable(RUN["ablations"], dataset) if dataset in RUN["ablation_datasets"] else []


def fitted_splits(dataset, method):
    """Return the numbers of the splits of `dataset` on which `method`, or an ablation, is fitted."""
    ablation = method in RUN["ablations"]
    return SPLITS[dataset][: RUN["ablation_splits"]] if ablation else SPLITS[dataset]


def split_files(datasets, numbers=None):
    """Return the prepared splits of `datasets`, all of the run's unless `numbers` are given."""
    return [
        f"results/data/{name}/split{number}.npz" for name in datasets for number in numbers or SPLITS[name]
    ]


def fit_files(datasets, suffix="npz", methods=None, numbers=None):
    """Return the fits of `datasets`, by all methods and ablations and on all of their splits unless given."""
    return [
        f"results/fits/{dataset}/{method}/split{number}.{suffix}"
        for dataset in datasets
        for method in methods_for(dataset) + ablations_for(dataset)
        if methods is None or method in methods
        for number in numbers or fitted_splits(dataset, method)
    ]


def prepare_job(wildcards):
    """Return what one split depends on, besides the content of its files."""
    entry = DATASETS[wildcards.dataset]
    content = {"dataset": wildcards.dataset, "index": int(wildcards.split), "seed": RUN["seed"]}
    files = {name: REGISTRY[name] for name in raw_files(wildcards)}
    return to_json(content | {key: entry[key] for key in ("module", "options")} | {"files": files})


def fit_job(wildcards):
    """Return what one fit depends on, besides its split."""
    content = {"dataset": wildcards.dataset, "split": int(wildcards.split), "method": wildcards.method}
    content["loss"] = DATASETS[wildcards.dataset]["loss"]
    content["code"] = digest(fit_closure(wildcards.method))
    content |= {key: METHODS[wildcards.method][key] for key in ("module", "title", "options")}
    content |= {key: RUN[key] for key in ("grid_points", "seed", "max_iterations", "tolerance")}
    return to_json(content)


def scores_job():
    """Return which fits the run consists of."""
    wanted = {
        dataset: {
            method: len(fitted_splits(dataset, method))
            for method in methods_for(dataset) + ablations_for(dataset)
        }
        for dataset in RUN["datasets"]
    }
    return to_json({"fits": wanted})


def ablations():
    """Return what each ablation is: its name, the method that it varies, what it changes there, and why."""
    described = []
    for name in RUN["ablations"]:
        entry = METHODS[name]
        usual = METHODS[entry["method"]]["options"]
        changed = {key: value for key, value in entry["options"].items() if usual.get(key) != value}
        described.append(
            {"name": name, "reference": entry["method"], "changed": changed, "question": entry["question"]}
        )
    return described


def shown_job(**content):
    """Return the job of a table or a figure: `content` and what holds for all of them."""
    shown = RUN["methods"] + [each["name"] for each in content.get("ablations", [])]
    own = [name for name in shown if name not in configuration.builtin("methods")]
    content["interval"] = CONFIG["report"]["interval"]
    content["titles"] = {name: METHODS[name]["title"] for name in own}
    content["controls"] = [name for name in RUN["methods"] if METHODS[name]["module"] in paper.CONTROLS]
    content["not_run"] = NOT_RUN
    return to_json(content)


class Plan:
    """What one table or figure is made from: `inputs` {role: files}, `job`, and its `section` of the report."""

    def __init__(self, section, inputs, job):
        self.section, self.inputs, self.job = section, inputs, job
        self.flags = " ".join(f"--{role} {' '.join(files)}" for role, files in inputs.items())


def table_plans():
    """Return {name: Plan} of the tables that this run can fill."""
    datasets = RUN["datasets"]
    scores = {"scores": [SCORES]}
    job = shown_job(datasets=datasets, methods=RUN["methods"])
    plans = {
        name: Plan("Tables", scores, job)
        for name in ("table1", "table2")
        if paper.table_datasets(name, [*datasets, *NOT_RUN])
    }
    if "stl" in RUN["methods"]:
        plans["improvement"] = plans["transfer"] = Plan("Tables", scores, job)
    plans["runtime"] = Plan("Tables", {"timings": ["results/timings.csv"]}, job)
    plans["claims"] = plans["evidence"] = claims_plan()
    every = shown_job(datasets=datasets, methods=RUN["methods"], ablations=ablations())
    if any(map(ablations_for, datasets)):
        plans["ablations"] = Plan("Ablations", scores, every)
    plans["convergence"] = Plan("Fits", scores, every)
    plans["warnings"] = Plan("Fits", {"warnings": ["results/warnings.csv"]}, every)
    plans["methods"] = Plan("Fits", {"methods": ["results/methods.csv"]}, every)
    plans["versions"] = Plan("Fits", {"versions": ["results/versions.csv"]}, shown_job())
    plans["difference"] = difference_plan([name for name in COMPARED if name in plans])
    plans["data"] = plans["sources"] = Plan("Data", {"splits": split_files(datasets)}, shown_job())
    return plans


def difference_plan(tables):
    """Return the Plan of the table that compares `tables` with the published ones, if there are any."""
    published = [f"{PUBLISHED}/{name}" for name in (*(f"{table}.csv" for table in COMPARED), "run.json")]
    inputs = {"ours": [f"results/tables/{table}.csv" for table in tables]}
    inputs["published"] = [path for path in published if Path(path).exists()]
    return Plan("Tables", {role: files for role, files in inputs.items() if files}, shown_job())


def claims_plan():
    """Return the Plan of the claims' tables: the scores, the times and every graph that a claim asks for."""
    theorem = [name for name in RUN["methods"] if METHODS[name]["module"] == "amtl"]
    asked = {"synthetic", "synthetic-authors", "mnist"} & set(RUN["datasets"])
    fits = fit_files(RUN["datasets"], methods=theorem)
    fits += fit_files(sorted(asked), methods=["amtl", "amtl-curriculum"])
    inputs = {"scores": [SCORES], "timings": ["results/timings.csv"], "fits": list(dict.fromkeys(fits))}
    job = shown_job(datasets=RUN["datasets"], methods=RUN["methods"], theorem_methods=theorem)
    return Plan("Claims", {role: files for role, files in inputs.items() if files}, job)


def figure_plans():
    """Return {name: Plan} of the figures that this run's datasets and methods allow."""
    datasets, methods = set(RUN["datasets"]), set(RUN["methods"])
    plans = {}
    # The paper's Figures 1 (d) and 2 show these two.
    compared = [method for method in ("go-mtl", "amtl") if method in methods]
    if "synthetic" in datasets:
        one = split_files(["synthetic"], [1])
        plans["figure1a"] = Plan("Figures", {"splits": one}, shown_job())
        if "amtl" in methods:
            learned = {"splits": one, "fits": fit_files(["synthetic"], methods=["amtl"], numbers=[1])}
            plans["figure1b"] = plans["figure1c"] = Plan("Figures", learned, shown_job())
        if {"stl", "amtl"} <= methods:
            job = shown_job(dataset="synthetic", methods=compared)
            plans["figure1d"] = Plan("Figures", {"scores": [SCORES], "splits": one}, job)
        if {"stl", "amtl-curriculum"} <= methods:
            learned = fit_files(["synthetic"], methods=["amtl-curriculum"])
            job = shown_job(dataset="synthetic", method="amtl-curriculum")
            plans["figure1e"] = Plan("Figures", {"scores": [SCORES], "splits": one, "fits": learned}, job)
    if "mnist" in datasets and compared and "stl" in methods:
        job = shown_job(dataset="mnist", methods=compared)
        plans["figure2"] = Plan("Figures", {"scores": [SCORES]}, job)
    graphs = [method for method in ("amtl", "amtl-curriculum") if method in methods]
    if "mnist" in datasets and graphs:
        learned = fit_files(["mnist"], methods=graphs, numbers=[1])
        plans["figure3"] = Plan("Figures", {"scores": [SCORES], "fits": learned}, shown_job())
    learned_together = [
        method for method in ("go-mtl", "amtl-noloss", "amtl", "amtl-curriculum") if method in methods
    ]
    if "stl" in methods and learned_together:
        job = shown_job(datasets=RUN["datasets"], methods=learned_together)
        plans["gains"] = Plan("Figures", {"scores": [SCORES]}, job)
    iterative = [name for name in RUN["methods"] if method_facts(name)["ITERATIVE"]]
    if iterative:
        plans["objective"] = Plan(
            "Figures", {"fits": fit_files(RUN["datasets"], methods=iterative)}, shown_job()
        )
    return plans


def benchmark_facts(case):
    """Return the constants of the module behind the case `case` of the benchmark."""
    return configuration.facts("benchmark/cases", case.replace("-", "_"))


def benchmark_closure(case):
    """Return the package's files that the case `case` and its processes use."""
    file = f"amtl/benchmark/cases/{case.replace('-', '_')}.py"
    return closure("scripts/benchmark_case.py", "amtl/benchmark/worker.py", file)


def benchmark_plan():
    """Return how each case is measured, as `workbench.benchmark.measure.Plan` takes it."""
    return {key: BENCHMARK[key] for key in BENCHMARK if key not in ("cases", "scaling")}


def benchmark_missing(dataset):
    """Return the raw file without which the first split of `dataset` cannot be made, as {name: failures}, or {}.

    Asked only when a job of the benchmark needs it; a job that reads this file again is told the same.
    """
    wanted = {name: feature_files(dataset) for name in files_of_split(dataset, 1)}
    variable = f"{ANSWER}_BENCHMARK_{dataset}"
    if variable not in os.environ:
        try:
            found = sources.survey(wanted, REGISTRY, CONFIG["data"]["folder"])
        except InputError as error:
            # Snakemake would show it with a traceback of its own.
            end(error)
        os.environ[variable] = to_json(found["absent"])
    return json.loads(os.environ[variable])


def benchmark_datasets(case):
    """Return ([dataset], {dataset: reason it cannot be had}) of a case; some have a stand-in that needs no file."""
    found, not_run = [], {}
    for dataset in benchmark_facts(case)["DATASETS"]:
        missing = benchmark_missing(dataset)
        if missing and dataset in STAND_INS:
            dataset, missing = STAND_INS[dataset], {}
        if missing:
            name = next(iter(missing))
            not_run[dataset] = sources.in_short(name, REGISTRY[name])
        else:
            found.append(dataset)
    return found, not_run


def benchmark_sources(case):
    """Return {dataset: {"split": path, "fits": {method: path}}} of the files that a case reads."""
    return {
        dataset: {
            "split": f"results/data/{dataset}/split1.npz",
            "fits": {
                method: f"results/fits/{dataset}/{method}/split1.json"
                for method in benchmark_facts(case)["FITS"]
            },
        }
        for dataset in benchmark_datasets(case)[0]
    }


def benchmark_inputs(wildcards):
    """Return the splits and the records of fits that a case reads."""
    files = benchmark_sources(wildcards.case).values()
    return {
        "splits": [each["split"] for each in files],
        "fits": [path for each in files for path in each["fits"].values()],
    }


def benchmark_job(wildcards):
    """Return what a case is measured on and how; its code is that of the process that is timed."""
    content = {"plan": benchmark_plan(), "code": digest(benchmark_closure(wildcards.case))}
    content["sources"] = benchmark_sources(wildcards.case)
    content["not_run"] = benchmark_datasets(wildcards.case)[1]
    return to_json(content)


def settings_job():
    """Return the configuration of the run, complete; where its files come from is not part of it."""
    names = {"datasets": RUN["datasets"], "methods": RUN["methods"] + RUN["ablations"]}
    entries = {folder: {name: CONFIG[folder][name] for name in names[folder]} for folder in names}
    content = {"run": RUN, "not_run": NOT_RUN, "report": CONFIG["report"], **entries}
    return json.dumps(content, indent=2)


def label(name):
    """Return what the report calls a table or figure: ``figure1a`` is Figure 1 (a)."""
    numbered = re.fullmatch(r"(table|figure)(\d+)([a-z]?)", name)
    if numbered:
        kind, number, part = numbered.groups()
        return f"{kind.capitalize()} {number}" + (f" ({part})" if part else "")
    return name.capitalize()


def caption(name):
    """Return the caption of a table or figure, for the report."""
    return (ROOT / "report" / f"{name}.rst").read_text(encoding="utf-8")


def look_at_results():
    """Before a run: have the results made again that nothing is known of; stop at what is in the way of others."""
    patterns = [str(path) for rule in workflow.rules for path in (*rule.output, *rule.log)]
    wanted = [pattern.split("{")[0] + "file" for pattern in patterns]
    for path in split_files(RUN["datasets"]):
        wanted += [path, path.replace("data", "logs/prepare", 1)]
    for path in fit_files(RUN["datasets"]):
        wanted += [path, path.replace("fits", "logs/fit", 1)]
    try:
        for folder in sorted({folder for path in wanted for folder in Path(path).parents}):
            require_place(folder)
        if not another_works():
            provenance.distrust_unrecorded([output for rule in workflow.rules for output in rule.output])
    except InputError as error:
        end(error)


def start_run():
    """Make this the only run that works in the folder."""
    try:
        work_alone()
    except InputError as error:
        end(error)
    take_over()


async def leave_outputs(job, skip_outputs):
    """Remove nothing after a job has failed: for Snakemake within a job on a cluster.

    The run does so itself. A job of an earlier run would remove what a later one has made.
    """


def show_errors():
    """Repeat, at the end of a failed run, the lines in which its jobs said what is wrong, each of them once."""
    failed = {log for logs in PROGRESS.failed.values() for log in logs} if PROGRESS else set()
    said = {}
    for log in sorted(filter(os.path.exists, failed)):
        for line in Path(log).read_text(errors="replace").splitlines():
            if line.startswith("error:"):
                said.setdefault(line, []).append(log)
    for line, (first, *others) in said.items():
        more = f" and {len(others)} more" if others else ""
        print(f"{line} ({first}{more})", file=sys.stderr)


try:
    # A job on a cluster reads this file too: it is no run of its own.
    if not workflow.is_main_process:
        require_current()
        Job.cleanup = leave_outputs
    else:
        require_cores()
        require_writable()
        announce()
        if not workflow.output_settings.dryrun:
            # Where the jobs run is not settled before this file has been read.
            PROGRESS = follow(
                logger,
                Quietness.RULES in (workflow.output_settings.quiet or ()),
                lambda: "running" if workflow.local_exec else "submitted",
            )
    CONFIG = configuration.normalise(config)
    RUN, DATASETS, METHODS, BENCHMARK = (CONFIG[key] for key in ("run", "datasets", "methods", "benchmark"))
    if workflow.is_main_process:
        # The nodes of a cluster need not have it.
        require_folder(CONFIG["data"]["folder"])
    REGISTRY = raw.load_registry(Path(workflow.basedir, CONFIG["data"]["registry"]))
    SOURCES = find_sources()
    NOT_RUN = leave_out_datasets()
    require_methods()
    SPLITS = {dataset: range(1, count_splits(dataset, available) + 1) for dataset in RUN["datasets"]}
    if workflow.is_main_process:
        provenance.keep_with_results()
except InputError as error:
    end(error)

# How a file is fetched is no reason to fetch it again: these reach the jobs past the tracked parameters.
os.environ.update(
    AMTL_REGISTRY=str(Path(workflow.basedir, CONFIG["data"]["registry"])),
    AMTL_FOLDER=CONFIG["data"]["folder"] or "",
    AMTL_ATTEMPTS=str(CONFIG["data"]["attempts"]),
    AMTL_TIMEOUT=str(CONFIG["data"]["timeout"]),
)

FEATURES = [name for name in registry.names() if registry.reads_features(registry.load(name))]


wildcard_constraints:
    dataset="|".join(DATASETS),
    method="|".join(METHODS),
    split=r"[1-9]\d*",
    case="|".join(configuration.benchmark_cases()),
    axis="|".join(BENCHMARK["scaling"]),
    # What only the store of an earlier run has stays as it is.
    file="|".join(re.escape(name) for name in REGISTRY if name not in SOURCES["kept"]),
    # So do features whose raw file is gone.
    feature_set="|".join(name for name in FEATURES if feature_file(name) not in SOURCES["read"]),

"""The plan of a run: its datasets, methods and splits, the files that it makes, and the job behind each file.

`make_plan` reads the configuration and looks for the raw files; everything else is computed from that.
Nothing happens at import, and nothing is written.
"""

import contextlib
import importlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from amtl.errors import InputError
from amtl.methods._spec import MethodSpec
from workbench import config as configuration
from workbench import jobs, plugins
from workbench.code_dependencies import CodeDependencies
from workbench.config.model import KINDS, loss_of
from workbench.datasets._spec import DatasetSpec
from workbench.raw_files import registry as raw_registry
from workbench.raw_files.availability import Availability, in_short, survey
from workbench.raw_files.checksums import has_sum
from workbench.raw_files.data_folder import (
    find_local,
    find_tree,
    how_to_supply,
    listing,
    require_data_folder,
    unverified_checksum,
)
from workbench.report import _spec
from workbench.report._spec import OutputSpec
from workbench.report.page import graphs
from workbench.result_files import file_checksum, is_current, load_record
from workbench.run_info import DatasetInfo, MethodInfo, NotRun, RunInfo

# The tidy tables that one job makes from all fits, and the record of that job.
TIDY = {role: f"results/{role}.csv" for role in _spec.TIDY}
SCORES_RECORD = "results/scores.json"
SETTINGS = "results/settings.json"
REPORT, REPORT_RECORD = "results/report.html", "results/report.json"
TEMPLATES = plugins.ROOT / "workbench" / "report" / "page" / "templates"
# One folder for each published run, and one for the benchmark. Each has a page.
PUBLISHED, PAGES = "results/published", "docs/results"
# The dataset that the benchmark takes where the authors' file is unavailable.
STAND_INS = {"synthetic-authors": "synthetic"}
FIT_SETTINGS = ("grid_points", "seed", "tolerance")
# Data are large with more generated tasks than this, or with a file of the user's of more bytes. Then so many
# jobs share a grid.
LARGE_TASKS, LARGE_BYTES, PATH_JOBS = 2000, 100_000_000, 8


def make_plan(given: dict, project: Path, search: bool = True) -> "Plan":
    """Return the `Plan` of a run.

    given : the configuration as mappings, defaults left out. project : the project's folder, to which the
    path of the registry is relative. search : look for raw files in the data folder, in the results of
    earlier runs and at their addresses; without, as on the nodes of a cluster, all count as available. Raises
    InputError for a configuration that cannot be run.
    """
    config = configuration.normalise(given)
    registry = raw_registry.load(Path(project, config["data"]["registry"]))
    if not search:
        return Plan(config, registry)
    folder = config["data"]["folder"]
    if folder:
        require_data_folder(folder)
    everything = Plan(config, registry)
    wanted = [item for name in config["run"]["datasets"] for item in everything.wanted_files(name).items()]
    found = survey(dict(wanted), registry, folder)
    return Plan(config, registry, found, checksums=everything.checksums, kinds=everything.kinds)


@dataclass
class Plan:
    """A run.

    config : the normalised configuration. registry : the raw files by name. sources : which raw files are
    available. The other fields hold what was looked up once for the plan.
    """

    config: dict
    registry: dict
    sources: Availability = Availability(kept=(), read=(), absent={})
    dependencies: CodeDependencies = field(default_factory=CodeDependencies)
    checksums: dict = field(default_factory=dict)
    missing_for_benchmark: dict = field(default_factory=dict)
    kinds: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.run, self.folder = self.config["run"], self.config["data"]["folder"]
        missing = {name: self._missing_file(name) for name in self.run["datasets"]}
        self.missing = {name: file for name, file in missing.items() if file}
        self.datasets = [name for name in self.run["datasets"] if name not in self.missing]
        self._require_something()

    # --- datasets, methods, splits ------------------------------------------------------------------------

    def entry(self, section: str, name: str) -> dict:
        """Return the entry of a dataset or a method, also of a built-in one that the run does not name."""
        if name not in self.config[section]:
            self.config[section][name] = configuration.complete(section, name, self.modules(section), {})
        return self.config[section][name]

    def modules(self, kind: str) -> dict[str, str]:
        """Return {name: module} of the built-in methods, datasets, tables or figures and of the plug-ins."""
        find = plugins.find_entries if kind in plugins.SECTIONS else plugins.find
        return find(kind, self.config["plugins"])

    def names(self, section: str) -> list[str]:
        """Return the names of all datasets or methods: those of the configuration and the built-in ones."""
        return sorted({*self.config[section], *self.modules(section)})

    def spec(self, section: str, name: str) -> DatasetSpec | MethodSpec:
        """Return the spec behind the entry of a dataset or a method."""
        return plugins.load_module(self.entry(section, name)["module"])

    def dataset_spec(self, dataset: str) -> DatasetSpec:
        """Return the `DatasetSpec` behind the entry `dataset`."""
        return self.spec("datasets", dataset)

    def kind(self, dataset: str) -> str:
        """Return the kind of the tasks of `dataset`; for some datasets a file of the user's decides on it."""
        if dataset not in self.kinds:
            spec, options = self.dataset_spec(dataset), self.entry("datasets", dataset)["options"]
            for option, path in self._own_paths(dataset).items():
                if not path:
                    raise InputError(f"config: datasets.{dataset}.{option}: missing; give the path of a file")
            self.kinds[dataset] = spec.kind_of(options) if spec.kind_of else spec.kind
        return self.kinds[dataset]

    def methods_for(self, dataset: str) -> list[str]:
        """Return the run's methods that can be used on `dataset`, without those that its entry leaves out."""
        return self._usable(self.run["methods"], dataset)

    def splits(self, dataset: str, method: str | None = None) -> list[int]:
        """Return the numbers of the splits of `dataset`, or of those on which `method` is fitted."""
        count = self._count_splits(dataset, self._is_available)
        if method in self.run["ablations"]:
            count = min(count, self.run["ablation_splits"])
        return list(range(1, count + 1))

    def _usable(self, methods: list[str], dataset: str) -> list[str]:
        kind, data = self.kind(dataset), self.dataset_spec(dataset)
        only = self.entry("datasets", dataset)["methods"]
        wanted = [
            name
            for name in methods
            if dataset not in self.entry("methods", name)["not_on"] and (only is None or name in only)
        ]
        specs = {name: self.spec("methods", name) for name in wanted}
        return [
            name
            for name, spec in specs.items()
            if kind in spec.applies_to
            and (data.has_truth or not spec.needs_truth)
            and (data.has_similarity or not spec.needs_similarity)
        ]

    def _count_splits(self, dataset: str, available: Callable[[str], bool]) -> int:
        entry = self.entry("datasets", dataset)
        most = min(self.run["splits"], entry["splits"] or self.run["splits"])
        return min(most, self.dataset_spec(dataset).splits(entry["options"], available))

    def _is_available(self, name: str) -> bool:
        return name not in self.sources.absent

    def _missing_file(self, dataset: str) -> str:
        """Return the name of a raw file without which `dataset` cannot be run, or an empty text."""
        names = self._files_of_splits(dataset, max(self._count_splits(dataset, self._is_available), 1))
        return next((name for name in names if not self._is_available(name)), "")

    def _require_something(self) -> None:
        """Raise InputError when run.strict forbids to skip a dataset, or nothing is left to run."""
        if self.missing and (self.run["strict"] or not self.datasets):
            cause = "run.strict is set and" if self.run["strict"] else "no dataset of the run is left:"
            what = " | ".join(self.advice())
            raise InputError(f"{cause} raw files are unavailable: {what}; or remove it from run.datasets")
        for dataset in self.datasets:
            if not self.methods_for(dataset):
                raise InputError(
                    f"config: run.methods: none of {', '.join(self.run['methods'])} applies to {dataset}; "
                    f"add one that can, or remove {dataset} from run.datasets"
                )

    def advice(self) -> list[str]:
        """Return one line for each dataset that is not run: the missing file and how to supply it.

        Without network, one line names the datasets whose files would be downloaded.
        """
        absent, offline = self.sources.absent, self.sources.offline
        alone = [dataset for dataset, name in self.missing.items() if not (offline and absent[name])]
        lines = [
            f"{dataset}: {how_to_supply(name, self.registry[name], self.folder, absent[name])}"
            for dataset, name in self.missing.items()
            if dataset in alone
        ]
        together = [dataset for dataset in self.missing if dataset not in alone]
        if together:
            lines.append(
                f"{', '.join(together)}: no network: no host of their raw files answers ({offline}); connect "
                "and run again, or put the files into a folder and name it (data.folder, or DATA=FOLDER of "
                f"make); {self.config['data']['registry']} lists them"
            )
        return lines

    @cached_property
    def info(self) -> RunInfo:
        """The `RunInfo` that tables, figures and claims see."""
        shown = [*self.run["methods"], *self.run["ablations"]]
        methods = {name: self._method_info(name) for name in shown}
        return RunInfo(
            datasets=tuple(map(self._dataset_info, self._in_order(self.datasets, "datasets"))),
            methods=tuple(methods[name] for name in self._in_order(self.run["methods"], "methods")),
            ablations=tuple(methods[name] for name in self.run["ablations"]),
            not_run=tuple(map(self._not_run, self._in_order(self.missing, "datasets"))),
            fitted={
                dataset: {method: len(splits) for method, splits in methods.items()}
                for dataset, methods in self.fitted.items()
            },
            interval=self.config["report"]["interval"],
        )

    @cached_property
    def fitted(self) -> dict[str, dict[str, list[int]]]:
        """{dataset: {method or ablation: numbers of the splits on which it is fitted}} of the run."""
        varied = {name: self.run["ablations"] for name in self.run["ablation_datasets"]}
        methods = {
            name: self.methods_for(name) + self._usable(varied.get(name, []), name) for name in self.datasets
        }
        return {name: {method: self.splits(name, method) for method in methods[name]} for name in methods}

    def _in_order(self, names: Iterable[str], section: str) -> list[str]:
        """Return entries in the order of their specs; variants of built-in ones follow as given."""

        def place(name):
            own = self.entry(section, name)[KINDS[section]] == name
            return self.spec(section, name).order if own else math.inf

        return sorted(names, key=place)

    def _dataset_info(self, name: str) -> DatasetInfo:
        entry, spec = self.entry("datasets", name), self.dataset_spec(name)
        splits = len(self.splits(name))
        facts = self.kind(name), spec.has_truth, splits, spec.splits_overlap
        options = {key: value for key, value in entry["options"].items() if key not in spec.own_files}
        attributes = list(spec.attributes(options))
        return DatasetInfo(name, entry["title"], entry["dataset"], *facts, options, attributes)

    def _not_run(self, name: str) -> NotRun:
        entry, file = self.entry("datasets", name), self.missing[name]
        return NotRun(name, entry["title"], entry["dataset"], in_short(file, self.registry[file]))

    def _method_info(self, name: str) -> MethodInfo:
        entry, spec = self.entry("methods", name), self.spec("methods", name)
        ablation = {}
        if name in self.run["ablations"]:
            usual = self.entry("methods", entry["method"])["options"]
            changed = {key: value for key, value in entry["options"].items() if usual.get(key) != value}
            ablation = {"reference": entry["method"], "changed": changed, "question": entry["question"]}
        facts = {"control": spec.control, "iterative": spec.iterative, "learns": list(spec.learns)}
        options = entry["options"]
        same = spec.equivalent_to(options) if spec.equivalent_to else None
        facts["identity"] = f"{same or name}, {options['fit_loss']}, {options['intercept']}"
        return MethodInfo(name, entry["title"], entry["method"], **facts, **ablation)

    # --- files --------------------------------------------------------------------------------------------

    def split_file(self, dataset: str, split: int) -> str:
        return f"results/data/{dataset}/split{split}.npz"

    def fit_file(self, dataset: str, method: str, split: int, suffix: str = "json") -> str:
        return f"results/fits/{dataset}/{method}/split{split}.{suffix}"

    def path_file(self, dataset: str, method: str, split: int, part: int) -> str:
        return f"results/paths/{dataset}/{method}/split{split}/part{part}.npz"

    def path_files(self, dataset: str, method: str, split: int) -> list[str]:
        """Return the files of the parts into which the grid of a method is divided, or an empty list."""
        count = self._count_parts(dataset, method)
        return [self.path_file(dataset, method, split, part) for part in range(count)]

    def first_path(self, dataset: str, method: str, split: int, part: int) -> list[str]:
        """Return the file of the part from which the other parts start; none for this part itself."""
        return [self.path_file(dataset, method, split, 0)] if part else []

    def _count_parts(self, dataset: str, method: str) -> int:
        """Return the number of parts: none, or `run.path_jobs` and the one before them."""
        jobs = self.run["path_jobs"]
        if len(self.spec("methods", method).axes) < 2 or jobs == 0:
            return 0
        tasks = self.entry("datasets", dataset)["options"].get("tasks")
        size = sum(Path(path).stat().st_size for path in self.own_files(dataset).values())
        large = (isinstance(tasks, int) and tasks > LARGE_TASKS) or size > LARGE_BYTES
        if jobs is None and not large:
            return 0
        return 1 + (jobs or PATH_JOBS)

    def pairs_file(self, dataset: str, split: int) -> str:
        return f"results/pairs/{dataset}/split{split}.npz"

    def solvers_file(self, dataset: str, split: int) -> str:
        return f"results/solvers/{dataset}/split{split}.json"

    def fit_files(self, *suffixes: str) -> list[str]:
        """Return the files of all fits of the run."""
        return self._files_of_fits(self.fits(), suffixes)

    def _files_of_fits(self, fits: Iterable[tuple[str, str, int]], suffixes: Iterable[str]) -> list[str]:
        return [self.fit_file(*fit, suffix) for fit in fits for suffix in suffixes]

    def fits(self) -> list[tuple[str, str, int]]:
        """Return (dataset, method, split) of all fits of the run."""
        return _flat(self.fitted)

    def wanted_files(self, dataset: str) -> dict[str, list[str]]:
        """Return {raw file: results that make it unnecessary} of all splits of `dataset`."""
        count = self._count_splits(dataset, lambda name: True)
        return dict.fromkeys(self._files_of_splits(dataset, count), self.feature_files(dataset))

    def _files_of_splits(self, dataset: str, count: int) -> list[str]:
        """Return the raw files of the first `count` splits."""
        return [name for split in range(1, count + 1) for name in self._files_of_split(dataset, split)]

    def _files_of_split(self, dataset: str, split: int) -> tuple[str, ...]:
        return self.dataset_spec(dataset).files(self.entry("datasets", dataset)["options"], split)

    def feature_files(self, dataset: str) -> list[str]:
        """Return the array and the header into which raw files are read first; empty for most datasets."""
        if self.dataset_spec(dataset).read_features is None:
            return []
        return [f"results/features/{self._stem(dataset)}.{suffix}" for suffix in ("npy", "json")]

    def _stem(self, dataset: str) -> str:
        return self.entry("datasets", dataset)["module"].rpartition(".")[2]

    def raw_names(self, dataset: str, split: int) -> list[str]:
        """Return the names of the raw files that the job of one split reads itself."""
        return [] if self.feature_files(dataset) else list(self._files_of_split(dataset, split))

    def prepare_inputs(self, dataset: str, split: int) -> list[str]:
        """Return the files that the job of one split reads: raw files, or the features read from them."""
        raw = [f"results/raw/{name}" for name in self.raw_names(dataset, split)]
        return self.feature_files(dataset) or raw

    def own_files(self, dataset: str) -> dict[str, str]:
        """Return {name: path} of the user's files that `dataset` reads where they are."""
        return {Path(path).name: path for path in self._own_paths(dataset).values() if path}

    def _own_paths(self, dataset: str) -> dict[str, str]:
        options = self.entry("datasets", dataset)["options"]
        return {
            name: options[name] and str(Path(options[name]).expanduser())
            for name in self.dataset_spec(dataset).own_files
        }

    def _own_identity(self, path: str) -> dict:
        """Return what a job holds of a file of the user's: the sha256 of its content, not where it is."""
        if path not in self.checksums:
            try:
                self.checksums[path] = file_checksum(path)
            except OSError as error:
                raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from None
        return {"own": True, "sha256": self.checksums[path]}

    @cached_property
    def feature_sets(self) -> dict[str, str]:
        """{name in results/features: module} of the datasets whose features are read first."""
        modules = self.modules("datasets").values()
        found = [module for module in modules if plugins.load_module(module).read_features]
        return {module.rpartition(".")[2]: module for module in found}

    def _feature_file(self, feature_set: str) -> str:
        """Return the name of the one raw file that holds a set of features."""
        (name,) = plugins.load_module(self.feature_sets[feature_set]).files({})
        return name

    def feature_tree(self, feature_set: str) -> Path | None:
        """Return the unpacked folder that takes the place of the raw file, or None."""
        name = self._feature_file(feature_set)
        # An unverified file of an earlier run counts also where its availability is unknown, on a node.
        stored = name in self.sources.kept or self._checksum(name)
        if find_local(self.registry[name], self.folder) or stored:
            return None
        return find_tree(self.registry[name], self.folder)

    def feature_source(self, feature_set: str) -> Path | str:
        """Return the raw file or the folder that a set of features is read from."""
        return self.feature_tree(feature_set) or f"results/raw/{self._feature_file(feature_set)}"

    def class_list(self, feature_set: str) -> list[str]:
        """Return the path of the list of classes in the data folder, as a list: empty without one."""
        places = plugins.load_module(self.feature_sets[feature_set]).class_lists
        found = [Path(self.folder, place) for place in places] if self.folder else []
        return [str(path) for path in found if path.is_file()][:1]

    @property
    def fetchable(self) -> list[str]:
        """The raw files that a job may fetch: all but those that only an earlier run has stored."""
        return [name for name in self.registry if name not in self.sources.kept]

    @property
    def readable_features(self) -> list[str]:
        """The sets of features that a job may read: those whose raw file is gone stay as they are."""
        return [name for name in self.feature_sets if self._feature_file(name) not in self.sources.read]

    # --- jobs ---------------------------------------------------------------------------------------------

    def _job(self, kind: type[jobs.Job], **content) -> jobs.Job:
        """Return the job with the digest of its code."""
        unsigned = kind(code="", **content)
        return kind(code=self.dependencies.digest(*unsigned.modules), **content)

    def plain(self, name: str, /, **inputs: str) -> jobs.PlainJob:
        """Return the job of a script that depends on its code and on the jobs of its input files alone."""
        return self._job(jobs.PlainJob, name=name, inputs=inputs)

    def acquire(self, name: str) -> jobs.AcquireJob:
        return jobs.AcquireJob(
            file=name, identity=self._identity(name), checksum=self._checksum(name), code=""
        )

    def _identity(self, name: str) -> dict:
        return raw_registry.identity(raw_registry.find_entry(self.registry, name))

    def _checksum(self, name: str) -> str:
        """Return the sha256 of a raw file whose content the registry does not know, else an empty text."""
        if name not in self.checksums:
            stored = Path("results/raw", name)
            self.checksums[name] = unverified_checksum(self.registry[name], self.folder, stored)
        return self.checksums[name]

    def features(self, feature_set: str) -> jobs.FeaturesJob:
        name, module = self._feature_file(feature_set), self.feature_sets[feature_set]
        tree, lists = self.feature_tree(feature_set), self.class_list(feature_set)
        return self._job(
            jobs.FeaturesJob,
            module=module,
            file=name,
            identity=self._identity(name),
            checksum="" if tree else self._checksum(name) or self._checksum_when_read(feature_set),
            listing=":".join([listing(tree) if tree else "", *map(file_checksum, lists)]),
        )

    def _checksum_when_read(self, feature_set: str) -> str:
        """Return the sha256 that a missing unverified raw file had when its features were read, else ""."""
        name = self._feature_file(feature_set)
        if has_sum(self.registry[name]):
            return ""
        try:
            files = load_record(f"results/features/{feature_set}.json")["files"]
        except InputError:
            return ""
        # The record of an unpacked folder names the folder.
        return next((file["sha256"] for file in files if file["name"] == name), "")

    def prepare(self, dataset: str, split: int) -> jobs.PrepareJob:
        entry, names = self.entry("datasets", dataset), self.raw_names(dataset, split)
        features = self.features(self._stem(dataset)).digest if self.feature_files(dataset) else ""
        own = {name: self._own_identity(path) for name, path in self.own_files(dataset).items()}
        placed = {option: Path(path).name for option, path in self._own_paths(dataset).items() if path}
        return self._job(
            jobs.PrepareJob,
            dataset=dataset,
            module=entry["module"],
            index=split,
            seed=self.run["seed"],
            options={**entry["options"], **placed},
            files={name: self._identity(name) for name in names} | own,
            checksums={name: checksum for name in names if (checksum := self._checksum(name))},
            features=features,
        )

    def fit(self, dataset: str, method: str, split: int) -> jobs.FitJob:
        entry = self.entry("methods", method)
        return self._job(
            jobs.FitJob,
            dataset=dataset,
            split=split,
            method=method,
            module=entry["module"],
            loss=loss_of(dataset, self.entry("datasets", dataset)["loss"], self.kind(dataset)),
            options=entry["options"],
            data=self.prepare(dataset, split).digest,
            max_iterations=entry["max_iterations"] or self.run["max_iterations"],
            **{key: self.run[key] for key in FIT_SETTINGS},
        )

    def paths(self, dataset: str, method: str, split: int, part: int) -> jobs.PathsJob:
        fit, count = self.fit(dataset, method, split), self._count_parts(dataset, method)
        return jobs.PathsJob.of(fit, part, count, self.dependencies)

    def pairs(self, dataset: str, split: int) -> jobs.PairsJob:
        data = self.prepare(dataset, split).digest
        return self._job(jobs.PairsJob, dataset=dataset, split=split, data=data)

    def solvers(self, dataset: str, split: int) -> jobs.SolversJob:
        data = self.prepare(dataset, split).digest
        return self._job(jobs.SolversJob, dataset=dataset, split=split, data=data)

    def _studies_read(self, spec: OutputSpec) -> dict[str, dict[str, tuple[str, int]]]:
        """Return {role: {file: (dataset, split)}} of the gains of pairs and the comparisons of solvers.

        They are studies of one split each; spec : of the output that reads them.
        """
        return {
            role: {
                file(dataset, k): (dataset, k)
                for dataset, splits in getattr(spec, role)(self.info).items()
                for k in splits
            }
            for role, file in {"pairs": self.pairs_file, "solvers": self.solvers_file}.items()
        }

    def _study_digests(self, spec: OutputSpec) -> dict[str, str]:
        """Return {file: digest of its job} of the studies that an output reads."""
        read = self._studies_read(spec)
        return {path: getattr(self, role)(*read[role][path]).digest for role in read for path in read[role]}

    def fit_set(
        self, fits: dict[str, dict[str, list[int]]], splits: dict[str, list[int]] | None = None
    ) -> jobs.FitSet:
        """Return the `FitSet` of {dataset: {method: split numbers}} and {dataset: split numbers}."""
        numbers = {dataset: set(given) for dataset, given in (splits or {}).items()}
        for dataset, methods in fits.items():
            numbers.setdefault(dataset, set()).update(*methods.values())
        return jobs.FitSet(
            splits={
                dataset: {str(k): self.prepare(dataset, k).digest for k in sorted(given)}
                for dataset, given in numbers.items()
            },
            fits={
                dataset: {
                    method: [self.fit(dataset, method, 1).settings_digest, _short(given)]
                    for method, given in methods.items()
                }
                for dataset, methods in fits.items()
            },
        )

    @cached_property
    def scores(self) -> jobs.ScoresJob:
        """The job that collects the tidy tables."""
        methods = {method for methods in self.fitted.values() for method in methods}
        titles = {name: self.entry("methods", name)["title"] for name in methods}
        return self._job(jobs.ScoresJob, fits=self.fit_set(self.fitted), titles=titles)

    @cached_property
    def settings(self) -> jobs.SettingsJob:
        """The job that writes down the complete configuration, except where raw files come from."""
        names = {"datasets": self.datasets, "methods": self.run["methods"] + self.run["ablations"]}
        entries = {kind: {name: self.entry(kind, name) for name in names[kind]} for kind in names}
        not_run = {each.name: each.reason for each in self.info.not_run}
        run = {**self.run, "datasets": self.datasets}
        content = {"run": run, "not_run": not_run, "report": self.config["report"], **entries}
        return self._job(jobs.SettingsJob, content=content)

    def stale_files(self) -> list[str]:
        """Return the results of the run that another job made, or that were changed since."""
        expected = {
            self.split_file(d, k): self.prepare(d, k).digest for d in self.datasets for k in self.splits(d)
        }
        for fit in self.fits():
            digest = self.fit(*fit).digest
            expected |= {self.fit_file(*fit, suffix): digest for suffix in ("json", "npz")}
        for _, _, spec in self.shown:
            expected |= self._study_digests(spec)
        expected[SCORES_RECORD] = self.scores.digest
        for kind in ("tables", "figures"):
            names = getattr(self, kind)
            expected |= {f"results/{kind}/{name}.json": self.output(kind, name).digest for name in names}
        expected[REPORT_RECORD] = self.report.digest
        made = {path: digest for path, digest in expected.items() if Path(path).exists()}
        stale = [path for path, digest in made.items() if not is_current(path, digest)]
        with contextlib.suppress(FileNotFoundError):
            # It has no record: its content is compared.
            if Path(SETTINGS).read_bytes() != self.settings.text.encode():
                stale.append(SETTINGS)
        return stale

    # --- tables and figures -------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> dict[str, OutputSpec]:
        """{name: OutputSpec} of the tables that this run can fill, in the order of the report."""
        return self._outputs("tables")

    @cached_property
    def figures(self) -> dict[str, OutputSpec]:
        """{name: OutputSpec} of the figures that this run can fill, in the order of the report."""
        return self._outputs("figures")

    def _outputs(self, kind: str) -> dict[str, OutputSpec]:
        found, wanted = {}, self.config["report"]["outputs"]
        for name, module in self.modules(kind).items():
            if wanted is not None and name not in wanted:
                continue
            spec = plugins.load_module(module)
            if not isinstance(spec, OutputSpec):
                raise InputError(f"{module}: SPEC must be an OutputSpec, not a {type(spec).__name__}")
            if spec.applies(self.info):
                found[name] = spec
        return dict(sorted(found.items(), key=lambda item: (item[1].section, item[1].order, item[0])))

    def output_inputs(self, kind: str, name: str) -> dict[str, list[str]]:
        """Return {role: files} that a table or a figure reads. kind : ``tables`` or ``figures``."""
        spec = getattr(self, kind)[name]
        inputs = {
            **{role: [TIDY[role]] for role in spec.reads},
            "record": [SCORES_RECORD] if spec.reads else [],
            "fits": self._files_of_fits(_flat(spec.fits(self.info)), ("json", "npz")),
            "splits": [self.split_file(d, k) for d, splits in spec.splits(self.info).items() for k in splits],
            **{role: list(files) for role, files in self._studies_read(spec).items()},
            "tables": [f"results/tables/{table}.csv" for table in self._tables_read(spec)],
            "settings": [SETTINGS] if spec.reads_published else [],
            "published": self._published(spec),
        }
        return {role: files for role, files in inputs.items() if files}

    def output(self, kind: str, name: str) -> jobs.OutputJob:
        """Return the job of a table or a figure."""
        spec, registry = getattr(self, kind)[name], {}
        if spec.reads_registry:
            for file, entry in self.registry.items():
                registry[file] = {key: entry[key] for key in ("licence", "citation")}
                if entry["tree"]:
                    # What a split calls an unpacked folder.
                    registry[f"{Path(entry['tree']).name}/"] = registry[file]
        return self._job(
            {"tables": jobs.TableJob, "figures": jobs.FigureJob}[kind],
            name=name,
            module=self.modules(kind)[name],
            run=self.info,
            fits=self.fit_set(spec.fits(self.info), spec.splits(self.info)),
            scores=self.scores.digest if spec.reads else "",
            others={path: file_checksum(path) for path in self._published(spec)}
            | self._settings_read(spec)
            | self._study_digests(spec)
            | {table: self.output("tables", table).digest for table in self._tables_read(spec)},
            registry=registry,
        )

    def _published(self, spec: OutputSpec) -> list[str]:
        """Return the files of all published runs that an output reads."""
        if not spec.reads_published:
            return []
        folders = [path.parent for path in Path(PUBLISHED).glob("*/settings.json")]
        files = (file for folder in folders for file in folder.iterdir())
        return sorted(str(file) for file in files if file.suffix in (".csv", ".json"))

    def _settings_read(self, spec: OutputSpec) -> dict[str, str]:
        """Return the checksum of the settings and the digest of their job, if an output reads them."""
        read = {SETTINGS: self.settings.checksum, "settings": self.settings.digest}
        return read if spec.reads_published else {}

    def _tables_read(self, spec: OutputSpec) -> list[str]:
        return [table for table in spec.tables(self.info) if table in self.tables]

    def caption(self, kind: str, name: str) -> str:
        """Return the caption of a table or a figure: of a plug-in, the text beside its file."""
        module = self.modules(kind)[name]
        path = Path(importlib.import_module(module).__file__).with_suffix(".rst")
        if module.startswith(plugins.PACKAGES[kind]):
            path = plugins.ROOT / "report" / f"{name}.rst"
        if not path.is_file():
            raise InputError(f"{path}: the caption of {name} is missing; write one, a sentence or more")
        return path.read_text(encoding="utf-8")

    @property
    def shown(self) -> list[tuple[str, str, OutputSpec]]:
        """(kind, name, OutputSpec) of the tables and figures of the report, figures first in a section."""
        return [(kind, *item) for kind in ("figures", "tables") for item in getattr(self, kind).items()]

    def report_inputs(self) -> dict[str, list[str]]:
        """Return {role: files} that the report reads."""
        suffixes = {"tables": ("html", "csv", "json"), "figures": ("svg", "json")}
        return {
            "outputs": [
                f"results/{k}/{name}.{suffix}" for k, name, _ in self.shown for suffix in suffixes[k]
            ],
            "scores": [TIDY["scores"], SCORES_RECORD],
            "fits": self._files_of_fits(_flat(graphs.shown(self.info)), ("json", "npz")),
        }

    @cached_property
    def report(self) -> jobs.ReportJob:
        """The job that makes the report."""
        return self._report(jobs.ReportJob, self.shown)

    @cached_property
    def publish(self) -> jobs.PublishJob:
        """The job that publishes the results of this run."""
        return self._report(jobs.PublishJob, [each for each in self.shown if not each[2].reads_published])

    def _report(self, kind: type, shown: list[tuple[str, str, OutputSpec]]) -> jobs.ReportJob:
        outputs = [
            {"kind": kind, "name": name, "section": spec.section, "label": spec.label}
            | {"caption": self.caption(kind, name)}
            for kind, name, spec in shown
        ]
        templates = sorted(TEMPLATES.iterdir())
        return self._job(
            kind,
            name=self.run.get("name", ""),
            run=self.info,
            outputs=outputs,
            inputs={f"{kind}/{name}": self.output(kind, name).digest for kind, name, _ in shown},
            fits=self.fit_set(graphs.shown(self.info)),
            scores=self.scores.digest,
            about=(plugins.ROOT / "report" / "workflow.rst").read_text(encoding="utf-8"),
            templates=jobs.digest_of({path.name: path.read_text(encoding="utf-8") for path in templates}),
        )

    # --- benchmark ----------------------------------------------------------------------------------------

    @cached_property
    def measurement(self) -> dict:
        """How each case is measured, as `workbench.benchmark.measure.Plan` takes it."""
        given = self.config["benchmark"]
        return {key: given[key] for key in given if key not in ("cases", "scaling")}

    def _case_sources(self, case: str) -> tuple[dict, dict[str, str]]:
        """Return ({dataset: files that a case reads}, {dataset: reason that it is unavailable})."""
        found, not_run, spec = {}, {}, plugins.load("cases", case)
        for wanted in spec.datasets:
            missing = self._missing_for_benchmark(wanted)
            dataset = STAND_INS.get(wanted, wanted) if missing else wanted
            if missing and dataset == wanted:
                not_run[dataset] = in_short(missing, self.registry[missing])
            else:
                split = self.split_file(dataset, 1)
                fits = {method: self.fit_file(dataset, method, 1) for method in spec.fits}
                digests = {path: self.fit(dataset, method, 1).digest for method, path in fits.items()}
                digests[split] = self.prepare(dataset, 1).digest
                found[dataset] = {"split": split, "fits": fits, "digests": digests}
        return found, not_run

    def _missing_for_benchmark(self, dataset: str) -> str:
        """Return the raw file without which the first split of `dataset` cannot be made, or an empty text."""
        if dataset not in self.missing_for_benchmark:
            wanted = {name: self.feature_files(dataset) for name in self._files_of_split(dataset, 1)}
            found = survey(wanted, self.registry, self.folder)
            self.missing_for_benchmark[dataset] = next(iter(found.absent), "")
        return self.missing_for_benchmark[dataset]

    def case_inputs(self, case: str) -> dict[str, list[str]]:
        """Return the splits and the records of fits that a case reads."""
        sources, _ = self._case_sources(case)
        return {
            "splits": [each["split"] for each in sources.values()],
            "fits": [path for each in sources.values() for path in each["fits"].values()],
        }

    def benchmark_case(self, case: str) -> jobs.BenchmarkCaseJob:
        sources, not_run = self._case_sources(case)
        settings = {"module": plugins.find("cases")[case], "plan": self.measurement}
        return self._job(jobs.BenchmarkCaseJob, case=case, sources=sources, not_run=not_run, **settings)

    @property
    def benchmark_table(self) -> jobs.PlainJob:
        """The job that puts the measured cases into one table."""
        cases = self.config["benchmark"]["cases"]
        return self.plain("benchmark_table", **{case: self.benchmark_case(case).digest for case in cases})

    @property
    def benchmark_curves(self) -> jobs.PlainJob:
        """The job that draws the measured axes."""
        axes = {axis: self.benchmark_scaling(axis).digest for axis in self.axes}
        return self.plain("benchmark_curves", **axes)

    @property
    def axes(self) -> list[str]:
        """The axes along which the benchmark measures how cost grows."""
        return [axis for axis, sizes in self.config["benchmark"]["scaling"].items() if sizes]

    def benchmark_scaling(self, axis: str) -> jobs.BenchmarkScalingJob:
        sizes = self.config["benchmark"]["scaling"][axis]
        return self._job(jobs.BenchmarkScalingJob, axis=axis, plan=self.measurement, sizes=sizes)


def _flat(fits: dict[str, dict[str, list[int]]]) -> list[tuple[str, str, int]]:
    """Return (dataset, method, split) of {dataset: {method: split numbers}}."""
    return [(d, m, k) for d, methods in fits.items() for m, splits in methods.items() for k in splits]


def _short(numbers: list[int]) -> list[int] | int:
    """Return n in place of the numbers 1 to n: the parameters of a job are one argument of a command."""
    return len(numbers) if numbers == list(range(1, len(numbers) + 1)) else list(numbers)

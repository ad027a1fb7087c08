"""The jobs of the workflow: frozen data with one JSON form, which is the parameter of the job's rule.

A job's digest covers everything that its result depends on: its settings, the digest of its code and the
digests of the jobs whose results it reads. Every result holds the digest of its job, so a reader can tell a
stale or foreign file.
"""

import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import ClassVar, Self

from amtl.errors import InputError
from workbench import source_loader
from workbench.code_dependencies import DIGITS, CodeDependencies
from workbench.run_info import RunInfo

# The report contains the JSON inside a <script>: these characters are written as escapes.
ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&"}


def to_json(content: object) -> str:
    """Return the canonical JSON of builtin types: sorted keys, no spaces, ASCII, safe inside HTML.

    ASCII, as it is an argument of a job, which the locale decodes.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    return text


def digest_of(content: object) -> str:
    """Return the digest of builtin types."""
    return hashlib.sha256(to_json(content).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True)
class Job:
    """What all jobs share. `code` is the digest of the code that the job runs."""

    code: str = field(kw_only=True)
    # The script in workflow/scripts that carries the job out, and other modules that it starts.
    script: ClassVar[str] = ""
    starts: ClassVar[tuple[str, ...]] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules whose code the job runs: its script and what the script imports by name."""
        named = (self.module,) if hasattr(self, "module") else ()
        return (f"scripts.{self.script}", *self.starts, *named)

    @property
    def digest(self) -> str:
        """The digest of everything that the job's result depends on."""
        return digest_of([type(self).__name__, asdict(self)])

    def to_json(self) -> str:
        return to_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the job that `to_json` gave."""
        content = json.loads(text)
        for key, kind in (("fits", FitSet), ("run", RunInfo.of)):
            if key in content:
                content[key] = kind(**content[key])
        return cls(**content)

    @classmethod
    def from_arguments(cls, description: str, lists: tuple = (), **options: str) -> tuple[Self, Namespace]:
        """Return the job of a script and its other arguments.

        options : {argument: help}. lists : those that hold any number of values, and none where they are
        not given; the others are required.
        """
        parser = ArgumentParser(description=description)
        parser.add_argument("--job", type=cls.from_json, required=True, help=f"JSON of the {cls.__name__}")
        for name, text in options.items():
            kind = {"nargs": "*", "default": []} if name in lists else {"required": True}
            parser.add_argument(f"--{name}", **kind, help=text)
        arguments = parser.parse_args()
        return arguments.job, arguments

    def require_code(self) -> None:
        """Raise InputError unless the code that this process runs is the code that was planned."""
        dependencies = CodeDependencies()
        if dependencies.digest(*self.modules) != self.code or dependencies.differ(source_loader.compiled):
            raise InputError(
                f"the code of this job ({self.modules[-1]}) changed after the run was planned; run the "
                "workflow again"
            )


@dataclass(frozen=True)
class AcquireJob(Job):
    """Get one raw file. `identity` is what the registry says of its content, which is checked.

    checksum : sha256 of a file in the data folder whose content the registry does not know, else "".
    The result is the same whatever code fetches it, so `code` is empty.
    """

    file: str
    identity: dict
    checksum: str
    script: ClassVar[str] = "acquire"


@dataclass(frozen=True)
class FeaturesJob(Job):
    """Read the features of a dataset out of a raw file or an unpacked folder.

    module : full name of the dataset's module. checksum : sha256 of a raw file without a published sum, or
    "". listing : digest of the names and sizes in the folder, or "".
    """

    module: str
    file: str
    identity: dict
    checksum: str
    listing: str
    script: ClassVar[str] = "features"

    @property
    def digest(self) -> str:
        # The nodes of a cluster need not see the folder.
        return digest_of([type(self).__name__, asdict(self) | {"listing": ""}])


@dataclass(frozen=True)
class PrepareJob(Job):
    """Make one split. files : {raw file: its identity}. checksums : {raw file without a published sum:
    sha256}.

    features : digest of the FeaturesJob whose result is read instead of raw files, or "".
    """

    dataset: str
    module: str
    index: int
    seed: int
    options: dict
    files: dict
    checksums: dict
    features: str
    script: ClassVar[str] = "prepare"


@dataclass(frozen=True)
class FitJob(Job):
    """Fit one method on one split, tuned over its grid. data : digest of the PrepareJob of the split."""

    dataset: str
    split: int
    method: str
    module: str
    loss: str
    options: dict
    grid_points: int
    seed: int
    max_iterations: int
    tolerance: float
    data: str
    script: ClassVar[str] = "fit"

    @property
    def settings_digest(self) -> str:
        """The digest of everything but the split: the same for all splits of a dataset."""
        return digest_of(asdict(replace(self, split=0, data="")))

    @property
    def digest(self) -> str:
        return digest_of([self.settings_digest, self.data])


@dataclass(frozen=True)
class PathsJob(FitJob):
    """Fit one part of the grid of a `FitJob`. part : its number, from 0. parts : how many there are."""

    part: int
    parts: int
    script: ClassVar[str] = "paths"

    @classmethod
    def of(cls, fit: FitJob, part: int, parts: int, dependencies: CodeDependencies) -> Self:
        """Return the job of a part of the grid of `fit`."""
        unsigned = cls(**asdict(fit) | {"code": "", "part": part, "parts": parts})
        return replace(unsigned, code=dependencies.digest(*unsigned.modules))


@dataclass(frozen=True)
class PairsJob(Job):
    """Measure what tasks gain from each other on one split. data : digest of the PrepareJob of the split."""

    dataset: str
    split: int
    data: str
    script: ClassVar[str] = "pairs"


@dataclass(frozen=True)
class SolversJob(Job):
    """Compare the solvers of 2MTL on one split. data : digest of the PrepareJob of the split."""

    dataset: str
    split: int
    data: str
    script: ClassVar[str] = "solvers"


@dataclass(frozen=True)
class FitSet:
    """Which fits a job reads, and the digest that each must have.

    splits : {dataset: {split: digest of its PrepareJob}}, keys of splits are texts as in JSON.
    fits : {dataset: {method: [settings digest of its FitJobs, split numbers or n for 1 to n]}}.
    """

    splits: dict = field(default_factory=dict)
    fits: dict = field(default_factory=dict)

    def fit_digest(self, dataset: str, method: str, split: int) -> str:
        return digest_of([self.fits[dataset][method][0], self.splits[dataset][str(split)]])

    def split_digest(self, dataset: str, split: int) -> str:
        return self.splits[dataset][str(split)]

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        """Yield (dataset, method, split) of every fit, in an order that depends on the names alone."""
        for dataset in sorted(self.fits):
            for method in sorted(self.fits[dataset]):
                numbers = self.fits[dataset][method][1]
                for split in range(1, numbers + 1) if isinstance(numbers, int) else numbers:
                    yield dataset, method, split


@dataclass(frozen=True)
class ScoresJob(Job):
    """Collect the tidy tables from all fits of the run. titles : {method: its title}."""

    fits: FitSet
    titles: dict
    script: ClassVar[str] = "scores"


@dataclass(frozen=True)
class OutputJob(Job):
    """Make one table or figure. module : full name of its module.

    fits : the fits that it reads, and in ``fits.splits`` the splits. scores : digest of the ScoresJob, or ""
    if it reads no tidy table. others : {other file that it reads: its checksum, or the digest of its job}.
    registry : {raw file: licence, citation} for tables about the raw files.
    """

    name: str
    module: str
    run: RunInfo
    fits: FitSet
    scores: str
    others: dict
    registry: dict
    script: ClassVar[str] = "table"


@dataclass(frozen=True)
class TableJob(OutputJob):
    """Make one table."""


@dataclass(frozen=True)
class FigureJob(OutputJob):
    """Draw one figure."""

    script: ClassVar[str] = "figure"


@dataclass(frozen=True)
class ReportJob(Job):
    """Make the page with the results of the run. name : of the run, or "".

    outputs : its tables and figures in order, as {"kind", "name", "section", "label", "caption"}.
    inputs : {"kind/name": digest of its job}. fits : those whose graphs it shows. scores : digest of the
    ScoresJob. about : the introduction of the workflow. templates : digest of the files of the page.
    """

    name: str
    run: RunInfo
    outputs: list
    inputs: dict
    fits: FitSet
    scores: str
    about: str
    templates: str
    script: ClassVar[str] = "report"


@dataclass(frozen=True)
class PublishJob(ReportJob):
    """Keep the results of the run, with a report that compares it with no other."""

    script: ClassVar[str] = "publish"


@dataclass(frozen=True)
class BenchmarkCaseJob(Job):
    """Measure one case. plan : how. not_run : {dataset: reason}.

    sources : {dataset: {"split": path, "fits": {method: path}, "digests": {path: digest of its job}}}.
    """

    case: str
    module: str
    plan: dict
    sources: dict
    not_run: dict
    script: ClassVar[str] = "benchmark_case"
    starts: ClassVar[tuple[str, ...]] = ("workbench.benchmark.worker",)


@dataclass(frozen=True)
class BenchmarkScalingJob(Job):
    """Measure how cost grows along one axis. plan : how. sizes : the sizes along the axis."""

    axis: str
    plan: dict
    sizes: list
    script: ClassVar[str] = "benchmark_scaling"
    starts: ClassVar[tuple[str, ...]] = ("workbench.benchmark.worker",)


@dataclass(frozen=True)
class SettingsJob(Job):
    """Write down the configuration of the run."""

    content: dict
    script: ClassVar[str] = "settings"

    @property
    def text(self) -> str:
        """The content of the file."""
        return json.dumps(self.content, indent=2, sort_keys=True) + "\n"

    @property
    def checksum(self) -> str:
        """The sha256 of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class PlainJob(Job):
    """A job that depends on its code and its input files alone. inputs : {input: digest of its job}."""

    name: str
    inputs: dict = field(default_factory=dict)

    @property
    def modules(self) -> tuple[str, ...]:
        return (f"scripts.{self.name}",)

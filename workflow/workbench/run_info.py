"""What a run consists of, as tables, figures and claims see it: plain data with one JSON form."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset of the run: `dataset` is the built-in one behind the entry `name`.

    splits_overlap : whether all splits draw their rows from one pool.
    options : of the entry, but for the paths of the user's own files.
    attributes : what `meta["attributes"]` of a split tells about each task, such as ``sex``.
    """

    name: str
    title: str
    dataset: str
    kind: str
    has_truth: bool
    splits: int
    splits_overlap: bool = False
    options: dict = field(default_factory=dict, hash=False)
    attributes: list = field(default_factory=list, hash=False)


@dataclass(frozen=True)
class MethodInfo:
    """A method or an ablation of the run: `method` is the built-in one behind the entry `name`.

    identity : the same text for two entries with the same solutions over all strengths, see
        `MethodSpec.equivalent_to`.
    reference, changed, question : of an ablation, the entry that it varies, the options that differ, and why.
    """

    name: str
    title: str
    method: str
    control: bool = False
    iterative: bool = False
    learns: list = field(default_factory=list)
    identity: str = ""
    reference: str = ""
    changed: dict = field(default_factory=dict)
    question: str = ""


@dataclass(frozen=True)
class NotRun:
    """A dataset that was asked for and is unavailable, with the reason."""

    name: str
    title: str
    dataset: str
    reason: str


@dataclass(frozen=True)
class RunInfo:
    """A run. Datasets, methods and ablations are in the order in which tables show them.

    fitted : {dataset: {method or ablation: number of splits}} of all fits.
    interval : ``t`` or ``normal``, as for `amtl.statistics.interval`.
    """

    datasets: tuple = ()
    methods: tuple = ()
    ablations: tuple = ()
    not_run: tuple = ()
    fitted: dict = field(default_factory=dict)
    interval: str = "t"

    @classmethod
    def of(cls, **content):
        """Return the run whose fields are given as builtin types, as JSON has them."""
        kinds = {"datasets": DatasetInfo, "methods": MethodInfo, "ablations": MethodInfo, "not_run": NotRun}
        parts = {key: tuple(kind(**each) for each in content[key]) for key, kind in kinds.items()}
        return cls(**content | parts)

    def dataset(self, name):
        """Return the DatasetInfo of entry `name`, or None if the run does not have it."""
        return next((each for each in self.datasets if each.name == name), None)

    def method(self, name):
        """Return the MethodInfo of the method or ablation `name`, or None if the run does not have it."""
        return next((each for each in (*self.methods, *self.ablations) if each.name == name), None)

    def place(self, name):
        """Return the place of a method or an ablation in the order of tables, which decides on its look."""
        return [each.name for each in (*self.methods, *self.ablations)].index(name)

    def title(self, name):
        """Return the title of a method, an ablation or a dataset; an unknown name stays as it is."""
        known = (*self.methods, *self.ablations, *self.datasets, *self.not_run)
        return next((each.title for each in known if each.name == name), name)

    def methods_that(self, **facts):
        """Return the methods whose attributes equal `facts`, such as ``control=False``."""
        return [m for m in self.methods if all(getattr(m, key) == value for key, value in facts.items())]

    def splits_of(self, dataset, method):
        """Return the numbers of the splits of `dataset` on which `method` is fitted."""
        return list(range(1, self.fitted.get(dataset, {}).get(method, 0) + 1))

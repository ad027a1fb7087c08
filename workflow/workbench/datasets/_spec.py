"""What a dataset is: the one object that its file defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


def _no_files(options, index=None):
    return ()


def _unlimited(options, available):
    # Splits that are drawn at random have no last one; the plan needs a number.
    return 1_000_000


@dataclass(frozen=True)
class Features:
    """Features that were read once from the raw files, for all splits of a dataset.

    array : path of an npy file with one row of features per image.
    header : what `DatasetSpec.read_features` returned about the array.
    """

    array: Path
    header: dict


@dataclass(frozen=True)
class DatasetSpec:
    """A dataset: its names, its raw files, its options and how a split is made.

    name : entry name, the file's name with ``-`` for ``_``.
    title : name in tables and figures.
    order : place in tables, ascending; datasets of the same order follow by name.
    kind : of its tasks, see `amtl.splits.Split`.
    kind_of : function (options) -> kind, for a dataset whose options decide; else None.
    make_split : function (index, options, raw, seed) -> `Split`. raw is {name of a raw file: its path}; for a
        dataset with `read_features` it is a `Features`. The split's meta holds ``source`` and ``note``.
    splits : function (options, available) -> number of splits; available(name) returns whether a raw file is
        available. The default is for splits that are drawn at random.
    files : function (options, index=None) -> names of the raw files of one split, or of all splits.
    options : JSON-schema properties of the options.
    own_files : names of the options that hold the path of a file of the user's. The file is in `raw` under
        its name, its content is part of the job, and `make_split` receives its name as the option.
    has_truth : whether a split holds the weights that generated the data.
    has_similarity : whether it holds the similarity of the tasks that generated the data.
    splits_overlap : whether all splits draw their rows from one pool, so that splits share rows. The verdicts
        on claims then correct their intervals.
    attributes : function (options) -> names of what `meta["attributes"]` of a split tells about each task.
    read_features : function (source, class_list, array) -> (header, file), for raw files that are read once
        before any split is made; else None. It writes the npy file `array`. source is the raw file or an
        unpacked folder. file is None for a raw file, and name, sha256 and bytes of a folder.
    class_lists : places of a list of classes in the data folder, for `read_features`.
    """

    name: str
    title: str
    order: int
    kind: str
    make_split: Callable
    splits: Callable = _unlimited
    files: Callable = _no_files
    kind_of: Callable | None = None
    own_files: tuple = ()
    options: dict = field(default_factory=dict)
    has_truth: bool = False
    has_similarity: bool = False
    splits_overlap: bool = False
    attributes: Callable = lambda options: ()
    read_features: Callable | None = None
    class_lists: tuple = ()

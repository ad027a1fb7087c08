"""What a dataset is: the one object that its file defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _no_files(options, index=None):
    return ()


@dataclass(frozen=True)
class DatasetSpec:
    """A dataset: its names, its raw files, its options and how a split is made.

    name : entry name, the file's name with ``-`` for ``_``.
    title : name in tables and figures.
    order : place in tables, ascending; datasets of the same order follow by name.
    kind : ``regression``, ``binary`` or ``one-vs-rest``.
    make_split : function (index, options, raw, seed) -> `Split`; raw is {name of a raw file: its path}.
    splits : function (options, available) -> number of splits; available(name) says whether a raw file is.
    files : function (options, index=None) -> names of the raw files of one split, or of all.
    options : JSON-schema properties of the options.
    has_truth : whether a split holds the weights that generated the data.
    read_features : function (source, class_list, array) -> (header, file), where the raw files are read once
        into one array before any split is made; else None.
    class_lists : places of a list of classes in the data folder, for `read_features`.
    """

    name: str
    title: str
    order: int
    kind: str
    make_split: Callable
    splits: Callable
    files: Callable = _no_files
    options: dict = field(default_factory=dict)
    has_truth: bool = False
    read_features: Callable | None = None
    class_lists: tuple = ()

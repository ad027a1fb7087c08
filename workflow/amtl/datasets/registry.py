"""Dataset modules by name, and one prepared split of any of them."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from amtl import raw
from amtl.errors import InputError, nearest

HELPERS = {"__init__", "authors", "common", "generated", "matlab", "one_vs_rest", "registry", "two_groups"}


def names():
    """Return the names of the dataset modules, read off the folder and without importing any of them,
    so that a job depends on the code of its own dataset only.
    """
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)


def load(name):
    """Import the dataset module `name` (``-`` is as good as ``_``). Raises InputError for an unknown one."""
    module = name.replace("-", "_")
    if module not in names():
        raise InputError(f"unknown dataset {name!r}{nearest(module, names())}")
    return import_module(f"amtl.datasets.{module}")


def prepare(job, paths):
    """Return the Split that `job` asks for.

    job : ``dataset`` (name of the entry), ``module``, ``index`` (from 1), ``seed``, ``options`` (all of the
        module's) and ``files``, the registry entry of each raw file by name.
    paths : dict of raw file name to its path. Every file is checked against its entry once more, because
        time has passed since it was acquired.
    """
    files = [raw.provenance(name, job["files"][name], path) for name, path in sorted(paths.items())]
    split = load(job["module"]).make_split(job["index"], job["options"], paths, job["seed"])
    meta = {**split.meta, "files": split.meta.get("files", []) + files}
    unverified = [file["name"] for file in files if not file["verified"]]
    if unverified:
        meta["note"] = f"{meta['note']} Unverified, as no checksum is published: {', '.join(unverified)}."
    return replace(split, dataset=job["dataset"], meta=meta)

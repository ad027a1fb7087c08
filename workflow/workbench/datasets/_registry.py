"""Dataset modules by name, and one prepared split of any of them."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from amtl.errors import InputError, nearest
from workbench.raw_files import raw
from workbench.result_files import write_json

HELPERS = {
    *("__init__", "archives", "authors", "common", "features", "generated", "matlab", "one_vs_rest"),
    *("registry", "two_groups"),
}


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


def reads_features(module):
    """Say whether the raw files of a dataset's `module` are read once, before any split is made."""
    return hasattr(module, "read_features")


def read_features(job, source, class_list, array, header):
    """Read the raw features `source`, a file or a folder, into `array` (npy) and `header` (json).

    job : ``module`` and ``files``, the registry entry of the one raw file by its name.
    """
    ((name, entry),) = job["files"].items()
    checked = raw.provenance(name, entry, source) if Path(source).is_file() else None
    content, found = load(job["module"]).read_features(source, class_list, array)
    file = checked or {**found, "licence": entry["licence"], "citation": entry["citation"], "verified": False}
    write_json(header, {**content, "files": [file]})


def prepare(job, paths):
    """Return the Split that `job` asks for.

    job : ``dataset`` (name of the entry), ``module``, ``index`` (from 1), ``seed``, ``options`` (all of the
        module's) and ``files``, the registry entry of each raw file by name.
    paths : dict of raw file name to its path. Every file is checked against its entry once more, because
        time has passed since it was acquired. Of a dataset whose features were read before, these are the
        array and its header, which says what they were read from.
    """
    module = load(job["module"])
    if reads_features(module):
        files = _files_of_features(paths[f"{job['module']}.json"])
    else:
        files = [raw.provenance(name, job["files"][name], path) for name, path in sorted(paths.items())]
    split = module.make_split(job["index"], job["options"], paths, job["seed"])
    meta = {**split.meta, "files": split.meta.get("files", []) + files}
    unverified = [file["name"] for file in files if not file["verified"]]
    if unverified:
        meta["note"] = f"{meta['note']} Unverified, as no checksum is published: {', '.join(unverified)}."
    return replace(split, dataset=job["dataset"], meta=meta)


def _files_of_features(header):
    """Return what the `header` of an array of features says of the files that it was read from."""
    try:
        content = json.loads(Path(header).read_text(encoding="utf-8"))
        if content["images"] != sum(content["classes"].values()):
            raise ValueError("the images of its classes are not all images")
        if not all({"name", "verified"} <= file.keys() for file in content["files"]):
            raise ValueError("a file has no name or no account of its checksum")
        return content["files"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{header}: not a readable header of features ({type(error).__name__}: {error}); delete it and "
            "run the workflow again"
        ) from None

"""What the scripts of tables and figures share: inputs by role, each checked against the planned job."""

import argparse
import json
from pathlib import Path

from amtl.errors import InputError
from workbench import plugins
from workbench.fit import FitReader
from workbench.report._spec import TIDY
from workbench.result_files import StaleResult, file_checksum, load_arrays, load_record, save_file_record
from workbench.scores import check_tidy
from workbench.split_files import load_split

# What a table or a figure may read: role -> what its argument is.
ROLES = {
    **{role: f"{role}.csv" for role in TIDY},
    "fits": "folder that holds {dataset}/{method}/split{k}.json and .npz",
    "splits": "npz files of splits: .../{dataset}/split{k}.npz",
    "pairs": "npz files of gains of pairs of tasks: .../{dataset}/split{k}.npz",
    "solvers": "json files of comparisons of solvers: .../{dataset}/split{k}.json",
    "tables": "csv files of other tables",
    "settings": "settings.json of this run",
    "published": "files of all published runs",
}


class Inputs(dict):
    """A dict by role, as `OutputSpec` describes it. A missing role raises InputError."""

    def __missing__(self, role):
        raise InputError(f"--{role}: missing; this table or figure reads it")

    def load_splits(self):
        """Return the splits that a table or a figure reads, one after the other."""
        return (load_split(path, digest) for path, digest in self["splits"])

    def fit_array(self, name, dataset, method, split):
        """Return an array of a fit; raise InputError that names the file if the method learned none."""
        try:
            return self["fits"].arrays(dataset, method, split)[name]
        except KeyError:
            path = self["fits"].path(dataset, method, split, "npz")
            raise InputError(f"{path}: holds no array {name}; this figure needs it") from None


def run_script(kind, description, suffixes, write):
    """Run the script that makes a table or a figure: its arguments, its inputs, its files and their record.

    kind : class of the job. suffixes : of the files, in words. write : function (what was made, paths).
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--job", type=kind.from_json, required=True, help=f"JSON of the {kind.__name__}")
    for role, text in ROLES.items():
        parser.add_argument(f"--{role}", nargs="+", help=text)
    parser.add_argument("--outputs", nargs="+", required=True, help=f"{suffixes} files to write")
    parser.add_argument("--record", required=True, help="where the record of these files is written")
    arguments = parser.parse_args()
    job = arguments.job
    files = {role: getattr(arguments, role) for role in ROLES if getattr(arguments, role)}
    made = plugins.load_module(job.module).make(job.run, gather(job, files))
    job.require_code()
    write(made, arguments.outputs)
    save_file_record(arguments.record, job, arguments.outputs)
    print(f"{job.name}: {', '.join(arguments.outputs)}")


def gather(job, files):
    """Return the `Inputs` of an `OutputJob` from {role: files}.

    Raises StaleResult for a tidy table that the planned job did not make. Fits and splits are checked when
    they are read.
    """
    readers = {
        **{role: lambda path: check_tidy(path, job.scores) for role in TIDY},
        "fits": lambda folder: FitReader(job.fits, folder),
        "splits": lambda *paths: [(path, _split_digest(job.fits, path)) for path in paths],
        "pairs": lambda *paths: {_place(path): load_arrays(path, job.others[path]) for path in paths},
        "solvers": lambda *paths: {_place(path): load_record(path, job.others[path]) for path in paths},
        "tables": lambda *paths: {Path(path).stem: path for path in paths},
        "settings": lambda path: _settings(path, job.others[path]),
        "published": lambda *paths: list(paths),
    }
    inputs = {role: readers[role](*given) for role, given in files.items()}
    return Inputs(inputs, registry=job.registry)


def _settings(path, checksum):
    if file_checksum(path) != checksum:
        raise StaleResult(f"{path}: was made by another run or changed; delete it and run the workflow again")
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _place(path):
    """Return (dataset, split) of a file .../{dataset}/split{k}.npz or .json."""
    return Path(path).parent.name, int(Path(path).stem.removeprefix("split"))


def _split_digest(fits, path):
    try:
        return fits.split_digest(*_place(path))
    except (KeyError, ValueError):
        raise InputError(
            f"{path}: not a split that this table or figure reads; run the workflow again"
        ) from None

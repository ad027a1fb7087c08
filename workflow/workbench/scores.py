"""The tidy tables between the fits and everything that is shown: written once, read by tables and figures."""

import csv
import io
import json
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from amtl.errors import InputError
from workbench.result_files import write_text

SCORE_COLUMNS = ("dataset", "split", "method", "task", "metric", "value")
TIMING_COLUMNS = ("dataset", "split", "method", "tune", "fit", "total")
WARNING_COLUMNS = ("dataset", "split", "method", "text")
METHOD_COLUMNS = ("method", "title", "loss", "objective", "citation")
VERSION_COLUMNS = ("package", "version", "fits")


def read_fit(path):
    """Return the content of one fit's json; raise InputError that names the file when it cannot be used."""
    try:
        fit = json.loads(Path(path).read_text(encoding="utf-8"))
        # What cannot be turned into rows is found here, where the file is known.
        for rows in (score_rows, timing_row, warning_rows, method_row, version_pairs):
            rows(fit)
    except FileNotFoundError:
        raise InputError(f"{path}: no such fit; run the workflow again") from None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(
            f"{path}: not a readable fit ({reason}); delete it and run the workflow again"
        ) from None
    return fit


def read_arrays(path):
    """Return (dataset, method, split, arrays) of a fit's npz.

    The end of its path, ``{dataset}/{method}/split{k}.npz``, says which fit it is.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        return path.parts[-3], path.parts[-2], int(path.stem.removeprefix("split")), arrays
    except FileNotFoundError:
        raise InputError(f"{path}: no such fit; run the workflow again") from None
    except Exception as error:
        raise InputError(
            f"{path}: not a readable fit ({type(error).__name__}: {error}); "
            "delete it and run the workflow again"
        ) from None


def collect(folder, wanted):
    """Yield the fits of ``wanted = {dataset: {method: number of splits}}`` found below `folder`.

    The order depends on the names alone. A file that says it belongs elsewhere raises InputError.
    """
    for dataset in sorted(wanted):
        for method in sorted(wanted[dataset]):
            for split in range(1, wanted[dataset][method] + 1):
                path = Path(folder) / dataset / method / f"split{split}.json"
                fit = read_fit(path)
                if (fit["dataset"], fit["method"], fit["split"]) != (dataset, method, split):
                    raise InputError(
                        f"{path}: holds {fit['dataset']}, {fit['method']}, split {fit['split']} instead; "
                        "delete it and run the workflow again"
                    )
                yield fit


def score_rows(fit):
    """Return the rows of scores.csv for one fit: its account of itself first, then its test scores.

    A score that is not defined (null) keeps an empty value.
    """
    grid = fit["grid"]
    account = {
        "converged": int(fit["converged"]),
        "iterations": fit["iterations"],
        "residual": fit["residual"],
        "objective": fit["objective"],
        "grid_points": len(grid),
        "grid_unconverged": sum(not point["converged"] for point in grid),
        "edge_warnings": len(fit["edges"]),
        **({"validation_metric": grid[fit["chosen"]]["validation_metric"]} if grid else {}),
        **{f"param:{name}": value for name, value in fit["params"].items()},
    }
    # Of the same problem from several starts; a convex one has none.
    restarts = fit.get("restarts", [])
    if len(restarts) > 1:
        lowest = min(restarts)
        spread = (max(restarts) - lowest) / max(abs(lowest), sys.float_info.min)
        account |= {"restarts": len(restarts), "restart_spread": spread}
    rows = {("all", metric): value for metric, value in account.items()}
    rows |= {(row["task"], row["metric"]): row["value"] for row in fit["metrics"]}
    return [(*_key(fit), *name, _number(value)) for name, value in rows.items()]


def timing_row(fit):
    """Return the row of timings.csv for one fit, in seconds."""
    return (*_key(fit), *(_number(fit["seconds"][key]) for key in ("tune", "fit", "total")))


def warning_rows(fit):
    """Return everything about one fit that a reader should be warned of, a row each."""
    return [(*_key(fit), text) for text in fit["warnings"]]


def method_row(fit):
    """Return the row of methods.csv that one fit contributes."""
    return (fit["method"], fit["title"], fit["loss"], fit["objective_formula"], fit["citation"])


def version_pairs(fit):
    """Return the (package, version) pairs that one fit was made with."""
    return list(fit["versions"].items())


def version_rows(fits):
    """Return the rows of versions.csv: every version that was used and by how many fits."""
    counts = Counter(pair for fit in fits for pair in version_pairs(fit))
    return [(*pair, counts[pair]) for pair in sorted(counts)]


def write_table(path, columns, rows):
    """Write `rows` as csv; equal rows give equal bytes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, stream.getvalue())


def read_table(path, columns):
    """Return the rows of a csv file as dicts of strings; raise InputError when its columns are others."""
    try:
        found, rows = read_rows(path)
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read ({error}); delete it and run the workflow again") from None
    if found != columns:
        raise InputError(
            f"{path}: expected the columns {', '.join(columns)}; delete it and run the workflow again"
        )
    return rows


def read_rows(path):
    """Return the columns of a csv file and its rows as dicts of strings.

    Raises ValueError when it is not whole, as when it ends within a number, and OSError or csv.Error.
    """
    with open(path, encoding="utf-8", newline="") as stream:
        text = stream.read()
    if not text.endswith("\n"):
        raise ValueError("it ends within a line")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns, rows = tuple(reader.fieldnames or ()), list(reader)
    if any(None in (*row, *row.values()) for row in rows):
        raise ValueError("it has a row of another number of columns")
    return columns, rows


class Scores:
    """scores.csv in memory, asked by dataset, method, metric and task."""

    def __init__(self, path):
        self._values = {}
        for row in read_table(path, SCORE_COLUMNS):
            key = (row["dataset"], row["method"], row["metric"], row["task"])
            if row["value"]:
                try:
                    self._values.setdefault(key, {})[int(row["split"])] = float(row["value"])
                except ValueError:
                    raise InputError(
                        f"{path}: {row['value']!r} in split {row['split']!r} is not a score; "
                        "delete it and run the workflow again"
                    ) from None

    def values(self, dataset, method, metric, task="all"):
        """Return {split: value}, empty if the run has no such score."""
        return self._values.get((dataset, method, metric, task), {})

    def all_values(self):
        """Return the {split: value} of every score of the run."""
        return self._values.values()

    def tasks(self, dataset, method, metric):
        """Return the names of the tasks that have this score, in the order of the data."""
        wanted = (dataset, method, metric)
        return [key[3] for key in self._values if key[:3] == wanted and key[3] != "all"]

    def primary_metric(self, dataset):
        """Return ``rmse`` for regression, else ``error`` (in %)."""
        return "rmse" if any(key[0] == dataset and key[2] == "rmse" for key in self._values) else "error"

    def task_metric(self, dataset):
        """Return the name of the error of a single task: ``rmse``, ``class_error`` or ``binary_error``."""
        present = {key[2] for key in self._values if key[0] == dataset and key[3] != "all"}
        return next((m for m in ("rmse", "class_error", "binary_error") if m in present), "rmse")


def _key(fit):
    return fit["dataset"], fit["split"], fit["method"]


def _number(value):
    """Return the shortest text that reads back as the same number, and an empty text for null."""
    if value is None:
        return ""
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return repr(float(value))

"""The tidy tables between the fits and all tables and figures: written once, checked by who reads them."""

import csv
import io
import sys
from collections import Counter
from pathlib import Path

from amtl.splits import ALL_TASKS, RANKED_BY
from workbench.result_files import check_file, write_text

# Columns of each table and their types; an undefined number is an empty field.
_FIT = {"dataset": str, "split": int, "method": str}
SCORE_COLUMNS = {**_FIT, "task": str, "metric": str, "value": float}
TIMING_COLUMNS = {**_FIT, "tune": float, "fit": float, "total": float}
WARNING_COLUMNS = {**_FIT, "text": str}
METHOD_COLUMNS = dict.fromkeys(("method", "title", "loss", "objective", "citation"), str)
VERSION_COLUMNS = {"package": str, "version": str, "fits": int}
# A score of this name and a method's, if the fit is one of that method with the same options.
SAME_AS = "same_as:"
# The record beside the tidy tables: it holds the digest of their job and the sha256 of each.
RECORD = "scores.json"


def score_rows(fit):
    """Return the rows of scores.csv for one fit: how the fit went first, then its test scores.

    An undefined score (null) has an empty value.
    """
    grid = fit["grid"]
    summary = {
        "converged": int(fit["converged"]),
        "iterations": fit["iterations"],
        "residual": fit["residual"],
        "objective": fit["objective"],
        "grid_points": len(grid),
        "grid_added": len(grid) - fit["initial_points"],
        "grid_unconverged": sum(not point["converged"] for point in grid),
        "edge_warnings": len(fit["edges"]),
        "natural_limits": len(fit["limits"]),
        **({f"{SAME_AS}{fit['same_as']}": 1} if fit["same_as"] else {}),
        **({"validation_metric": grid[fit["chosen"]]["validation_metric"]} if grid else {}),
        **{f"param:{name}": value for name, value in fit["params"].items()},
    }
    # Objectives of the same problem from several starts; a convex problem has one start.
    restarts = fit["restarts"]
    if len(restarts) > 1:
        lowest = min(restarts)
        spread = (max(restarts) - lowest) / max(abs(lowest), sys.float_info.min)
        summary |= {"restarts": len(restarts), "restart_spread": spread}
    rows = {(ALL_TASKS, metric): value for metric, value in summary.items()}
    rows |= {(row["task"], row["metric"]): row["value"] for row in fit["metrics"]}
    return [(*_key(fit), *name, _number(value)) for name, value in rows.items()]


def timing_row(fit):
    """Return the row of timings.csv for one fit, in seconds."""
    return (*_key(fit), *(_number(fit["seconds"][key]) for key in ("tune", "fit", "total")))


def warning_rows(fit):
    """Return the rows of warnings.csv for one fit, one per warning."""
    return [(*_key(fit), text) for text in fit["warnings"]]


def method_rows(fits, titles):
    """Return the rows of methods.csv; titles : {method: its title}."""
    return sorted(
        {(f["method"], titles[f["method"]], f["loss"], f["objective_formula"], f["citation"]) for f in fits}
    )


def version_rows(fits):
    """Return the rows of versions.csv: every version of a package and the number of fits made with it."""
    counts = Counter(pair for fit in fits for pair in fit["versions"].items())
    return [(*pair, counts[pair]) for pair in sorted(counts)]


def write_table(path, columns, rows):
    """Write `rows` as csv; equal rows give equal bytes."""
    import pandas as pd

    write_text(path, to_csv(pd.DataFrame(rows, columns=list(columns), dtype=object)))


def to_csv(frame):
    """Return a DataFrame as csv; a missing value is an empty field."""
    return frame.to_csv(index=False, lineterminator="\n")


def check_tidy(path, digest):
    """Return `path` if the job `digest` wrote this tidy table; raise StaleResult that names the file if not.

    The record beside it, `RECORD`, says which job wrote it and with which sha256.
    """
    return check_file(path, Path(path).with_name(RECORD), digest)


def read_table(path, columns):
    """Return a tidy table, one that `check_tidy` accepts, as a DataFrame.

    columns : {name: type}. An empty number is NaN.
    """
    numbers = [name for name, kind in columns.items() if kind is float]
    return read_csv(path).replace(dict.fromkeys(numbers, {"": "nan"})).astype(columns)


def read_csv(path):
    """Return a csv file as a DataFrame of strings.

    Raises ValueError for an incomplete file, also one cut within its last number, and OSError or csv.Error.
    """
    import pandas as pd

    text = Path(path).read_bytes().decode()
    if not text.endswith("\n"):
        raise ValueError("it ends within a line")
    # Not pandas.read_csv, which fills short rows.
    columns, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a row has another number of columns")
    return pd.DataFrame(rows, columns=columns, dtype=object)


def by_split(table, keys, column):
    """Return {values of the columns `keys`: {split: number in `column`}}, without missing numbers."""
    found = {}
    for *key, split, number in table[[*keys, "split", column]].dropna().itertuples(index=False):
        found.setdefault(tuple(key), {})[split] = number
    return found


class Scores:
    """scores.csv in memory, read by dataset, method, metric and task; up to split `last` if it is given."""

    def __init__(self, path, last=None):
        table = read_table(path, SCORE_COLUMNS)
        self.largest_split = max(table["split"], default=0)
        if last is not None:
            table = table[table["split"] <= last]
        self._values = by_split(table, ("dataset", "method", "metric", "task"), "value")
        # {(dataset, method, metric): names of tasks}, {dataset: metrics}: of the whole split, and of tasks.
        self._tasks, self._metrics, self._task_metrics = {}, {}, {}
        for dataset, method, metric, task in self._values:
            whole = task == ALL_TASKS
            (self._metrics if whole else self._task_metrics).setdefault(dataset, set()).add(metric)
            if not whole:
                self._tasks.setdefault((dataset, method, metric), []).append(task)

    def values(self, dataset, method, metric, task=ALL_TASKS):
        """Return {split: value}, empty if the run has no such score."""
        return self._values.get((dataset, method, metric, task), {})

    def same_as(self, dataset, method):
        """Return the method that `method` is on this dataset, in every split, or None."""
        splits = len(self.values(dataset, method, "converged"))
        for metric in sorted(self._metrics.get(dataset, ())):
            if metric.startswith(SAME_AS) and len(self.values(dataset, method, metric)) == splits > 0:
                return metric.removeprefix(SAME_AS)
        return None

    def tasks(self, dataset, method, metric):
        """Return the names of the tasks that have this score, in the order of the data."""
        return list(self._tasks.get((dataset, method, metric), ()))

    def by_task(self, dataset, method, metric):
        """Return {task: {split: value}}, in the order of the data."""
        names = self.tasks(dataset, method, metric)
        return {task: self.values(dataset, method, metric, task) for task in names}

    def primary_metric(self, dataset):
        """Return ``rmse`` for regression, ``auc_loss`` or ``f1_loss`` where it ranks fits, else ``error``.

        All but ``rmse`` are in %.
        """
        present = self._metrics.get(dataset, ())
        return next((metric for metric in ("rmse", *RANKED_BY) if metric in present), "error")

    def task_metric(self, dataset):
        """Return the name of the error of a single task: as `primary_metric`, but with the kind of error."""
        present = self._task_metrics.get(dataset, ())
        known = ("rmse", *RANKED_BY, "class_error", "binary_error", "task_error")
        return next((metric for metric in known if metric in present), "rmse")


def _key(fit):
    return fit["dataset"], fit["split"], fit["method"]


def _number(value):
    """Return the shortest text that reads back as the same number, and an empty text for null."""
    return "" if value is None else repr(float(value))

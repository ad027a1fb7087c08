"""The results of a run as the rules of claims read them: on all splits or on the first ones only."""

import math
from collections import defaultdict
from copy import copy
from functools import cache

import numpy as np

from amtl import transfer
from amtl.statistics import interval, ratio
from workbench.scores import TIMING_COLUMNS, Scores, by_split, read_table


class Results:
    """The results of a run.

    run : the `RunInfo`. inputs : ``scores``, ``timings``, ``fits``, a reader of the fits with graphs, and
    ``splits``, one of each dataset whose splits overlap. last : the largest number of a split that counts, or
    None for all splits.

    Intervals are those of Student's t, corrected where splits overlap, whatever ``report.interval`` says.

    ``read`` is {(dataset, method): entry} of what was looked up, see `with_entries`. ``used`` is the set of
    (dataset, entry) whose results were found since it was cleared; `with_entries` shares it.
    """

    def __init__(self, run, inputs, last=None):
        self._run, self._inputs, self._last = run, inputs, last
        self._scores = Scores(inputs["scores"], last)
        self._times = by_split(read_table(inputs["timings"], TIMING_COLUMNS), ("dataset", "method"), "total")
        self.largest_split = self._scores.largest_split
        self.title = run.title
        self._overlaps = overlaps(run, inputs)
        self.datasets = [each.name for each in run.datasets]
        self._fits = cache(self._load_fits)
        self._entries, self.read, self.used = {}, {}, set()

    def estimate(self, dataset, values):
        """Return the Interval of numbers that belong to splits of `dataset`, or None without a number."""
        values = list(values)
        return interval(values, "t", self._overlaps[dataset]) if values else None

    def on_first(self, count):
        """Return the same results on splits 1 to `count` only."""
        return Results(self._run, self._inputs, count)

    def with_entries(self, entries):
        """Return the same results, in which a method stands for its entry, {method: entry}, if that was run.

        ``read`` of what is returned starts empty.
        """
        found = copy(self)
        found._entries, found.read = entries, {}
        return found

    def fits(self, dataset, method):
        """Return {split: fit} as dicts.

        A fit has its arrays, ``order`` or None, the ``tasks``, their training ``losses`` (T,), ``params``,
        ``options`` and the points of its ``grid``.
        """
        return self._fits(dataset, self._entry(dataset, method))

    def converged(self, dataset, method):
        """Return whether no fit of a method is known not to have converged."""
        return all(self._scores.values(dataset, self._entry(dataset, method), "converged").values())

    def missing(self, dataset, *methods, fits=()):
        """Return why `methods` cannot be compared on `dataset`, or an empty text if they can.

        fits : methods whose fits are needed too.
        """
        if dataset not in self.datasets:
            reason = next((each.reason for each in self._run.not_run if each.name == dataset), "")
            return f"{dataset} was not run{f': {reason}' if reason else ''}"
        absent = [m for m in methods if not self.errors(dataset, m)]
        absent = absent or [m for m in fits if not self.fits(dataset, m)]
        return f"{', '.join(map(self.title, absent))} not run on {dataset}" if absent else ""

    def gain(self, dataset, method, baseline):
        """Return the Interval of the error of `baseline` minus that of `method`, in % of its mean."""
        gains = transfer.gains(self.errors(dataset, method), self.errors(dataset, baseline))
        return self.estimate(dataset, gains.values())

    def gains_by_task(self, dataset, method, baseline):
        """Return {task: {split: gain in %}}; tasks in the order of the data."""
        return {
            task: transfer.gains(errors, alone)
            for task, (errors, alone) in self._task_errors(dataset, method, baseline).items()
        }

    def task_reductions(self, dataset, method, baseline):
        """Return {task: Interval} of the error of `baseline` minus that of `method`, in its own unit."""
        found = {
            task: self.estimate(dataset, [alone[k] - errors[k] for k in alone if k in errors])
            for task, (errors, alone) in self._task_errors(dataset, method, baseline).items()
        }
        return {task: each for task, each in found.items() if each is not None}

    def task_errors(self, dataset, method):
        """Return {task: {split: test error}} of a method; tasks in the order of the data."""
        return self._scores.by_task(dataset, self._entry(dataset, method), self._scores.task_metric(dataset))

    def time_ratio(self, dataset, slow, fast):
        """Return the Interval of the seconds of `slow` by those of `fast`, split by split."""
        return ratio(*(self._seconds(dataset, m) for m in (slow, fast)), "t")

    def _entry(self, dataset, method):
        """Return the entry whose results are read for a method."""
        entry = self._entries.get(method, method)
        entry = entry if self._is_run(dataset, entry) else method
        self.read[dataset, method] = entry
        if self._is_run(dataset, entry):
            self.used.add((dataset, entry))
        return entry

    def _is_run(self, dataset, entry):
        return bool(self._scores.values(dataset, entry, self._scores.primary_metric(dataset)))

    def _seconds(self, dataset, method):
        return self._cut(self._times.get((dataset, self._entry(dataset, method)), {}))

    def _load_fits(self, dataset, entry):
        reader = self._inputs.get("fits", ())
        places = {place[2]: place for place in reader if place[:2] == (dataset, entry)}
        return {
            split: _load(reader.record(*place), reader.arrays(*place))
            for split, place in sorted(self._cut(places).items())
        }

    def errors(self, dataset, method):
        """Return {split: test error} of a method, empty if it was not run."""
        entry = self._entry(dataset, method)
        return self._scores.values(dataset, entry, self._scores.primary_metric(dataset))

    def _task_errors(self, dataset, method, baseline):
        errors, alone = (self.task_errors(dataset, each) for each in (method, baseline))
        return {task: (errors.get(task, {}), alone[task]) for task in alone}

    def _cut(self, values):
        return {k: value for k, value in values.items() if self._last is None or k <= self._last}


def splits_read(run):
    """Return {dataset: [1]} of the datasets whose splits overlap; split 1 tells by how much."""
    return {each.name: [1] for each in run.datasets if each.splits_overlap}


def overlaps(run, inputs):
    """Return {dataset: `overlap`}, 0 without shared rows. inputs : ``splits``, those of `splits_read`."""
    wanted = splits_read(run)
    splits = inputs.load_splits() if wanted else ()
    return defaultdict(float, {each.dataset: overlap(each) for each in splits if each.dataset in wanted})


def overlap(split):
    """Return r of `amtl.statistics.interval`, from the share of test rows that two splits have in common.

    Where the dataset does not state the share, training and test rows are taken for the whole pool.
    """
    trained, tested = len(split.train.X) + split.refit * len(split.validation.X), len(split.test.X)
    shared = split.meta.get("test_overlap", tested / (trained + tested))
    return shared / (1.0 - shared) if shared < 1.0 else math.inf


def _load(record, arrays):
    losses = {row["task"]: row["value"] for row in record["metrics"] if row["metric"] == "train_loss"}
    return {
        **arrays,
        "order": arrays.get("order"),
        "losses": np.array([losses[task] for task in record["tasks"]]),
        **{key: record[key] for key in ("tasks", "params", "options", "grid")},
    }

"""The results of a run as the rules of claims read them: on all splits or on the first ones only."""

import numpy as np

from amtl import transfer
from amtl.statistics import interval, paired, ratio
from workbench.scores import TIMING_COLUMNS, Scores, read_table


class Results:
    """The results of a run.

    run : the `RunInfo`. inputs : ``scores``, ``timings`` and ``fits``, a reader of the fits with graphs.
    """

    def __init__(self, run, inputs):
        self._run = run
        self._scores = Scores(inputs["scores"])
        self._reader = inputs.get("fits", ())
        self._times, self._splits, self._loaded = {}, {}, {}
        for row in read_table(inputs["timings"], TIMING_COLUMNS):
            if row["total"]:
                times = self._times.setdefault((row["dataset"], row["method"]), {})
                times[int(row["split"])] = float(row["total"])
        for dataset, method, split in self._reader:
            self._splits.setdefault((dataset, method), []).append(split)
        self._first = None
        self.interval = run.interval
        self.datasets = [each.name for each in run.datasets]

    def entries_of(self, method):
        """Return the names of the run's entries of the built-in `method`, whatever their options."""
        return [each.name for each in self._run.methods_that(method=method)]

    def on_first(self, count):
        """Return the same results on splits 1 to `count` only."""
        fewer = object.__new__(Results)
        fewer.__dict__.update(self.__dict__, _first=count)
        return fewer

    def largest_split(self):
        """Return the largest number of a split that any score or fit has."""
        return max((k for values in self._scores.all_values() for k in values), default=0)

    def title(self, name):
        """Return the title of a method or dataset; a name that the run lacks stays as it is."""
        return self._run.title(name)

    def has(self, dataset):
        """Return whether the run has results on `dataset`."""
        return self._run.dataset(dataset) is not None

    def missing(self, dataset, *methods):
        """Return why `methods` cannot be compared on `dataset`, or an empty text if they can."""
        if not self.has(dataset):
            reason = next((each.reason for each in self._run.not_run if each.name == dataset), "")
            return f"{dataset} was not run{f': {reason}' if reason else ''}"
        absent = [m for m in methods if not self._errors(dataset, m)]
        return f"{', '.join(map(self.title, absent))} not run on {dataset}" if absent else ""

    def missing_fits(self, dataset, method):
        """Return why there is no graph of `method` on `dataset`, or an empty text if there is one."""
        return self.missing(dataset) or (
            "" if self.fits(dataset, method) else f"{self.title(method)} not run on {dataset}"
        )

    def gain(self, dataset, method, baseline):
        """Return the Interval of the error of `baseline` minus that of `method`, in % of its mean."""
        values = transfer.gains(self._errors(dataset, method), self._errors(dataset, baseline)).values()
        return interval(values, self.interval) if values else None

    def gains_by_task(self, dataset, method, baseline):
        """Return (tasks, {task: {split: gain in %}}); tasks in the order of the data."""
        metric = self._scores.task_metric(dataset)
        tasks = self._scores.tasks(dataset, baseline, metric)
        errors, alone = (self._by_task(dataset, each, metric, tasks) for each in (method, baseline))
        return tasks, {task: transfer.gains(errors[task], alone[task]) for task in tasks}

    def task_reductions(self, dataset, method, baseline):
        """Return {task: Interval} of the error of `baseline` minus that of `method`, in its own unit."""
        metric = self._scores.task_metric(dataset)
        tasks = self._scores.tasks(dataset, baseline, metric)
        errors, alone = (self._by_task(dataset, each, metric, tasks) for each in (method, baseline))
        found = {task: paired(alone[task], errors[task], self.interval) for task in tasks}
        return {task: each for task, each in found.items() if each is not None}

    def time_ratio(self, dataset, slow, fast):
        """Return the Interval of the seconds of `slow` by those of `fast`, split by split."""
        times = (self._cut(self._times.get((dataset, method), {})) for method in (slow, fast))
        return ratio(*times, self.interval)

    def fits(self, dataset, method):
        """Return {split: fit} as dicts: ``B``, ``order`` or None, ``losses`` (T,) the mean training losses,
        ``penalized_W`` the weights without a free intercept, ``converged`` and ``delta``.
        """
        splits = self._cut({split: split for split in self._splits.get((dataset, method), [])})
        for split in splits:
            place = dataset, method, split
            if place not in self._loaded:
                self._loaded[place] = _load(self._reader.record(*place), self._reader.arrays(*place))
        return {split: self._loaded[dataset, method, split] for split in sorted(splits)}

    def _errors(self, dataset, method):
        return self._cut(self._scores.values(dataset, method, self._scores.primary_metric(dataset)))

    def _by_task(self, dataset, method, metric, tasks):
        return {task: self._cut(self._scores.values(dataset, method, metric, task)) for task in tasks}

    def _cut(self, by_split):
        if self._first is None:
            return by_split
        return {split: value for split, value in by_split.items() if split <= self._first}


def _load(record, arrays):
    losses = {row["task"]: row["value"] for row in record["metrics"] if row["metric"] == "train_loss"}
    free = record["options"].get("intercept") == "free"
    return {
        "B": arrays["B"],
        "order": arrays.get("order"),
        "losses": np.array([losses[task] for task in record["tasks"]]),
        "penalized_W": arrays["W"][:-1] if free else arrays["W"],
        "converged": record["converged"],
        "delta": record["options"].get("delta", "train"),
    }

"""What a run found, as the rules of the claims ask for it: on all splits or on the first ones only."""

from pathlib import Path

import numpy as np

from amtl import transfer
from amtl.statistics import interval, paired, ratio
from workbench.papers.lee2016 import numbers as paper
from workbench.scores import TIMING_COLUMNS, Scores, read_arrays, read_fit, read_table

# The dataset entry behind each column of the paper's tables. Nothing stands in for another.
TABLE_COLUMNS = {
    "table1": {"Synthetic": "synthetic", "MNIST": "mnist", "USPS": "usps", "School": "school", "AWA": "awa"},
    "table2": {"Synthetic": "imbalanced", "ImageNet-Room": "imagenet-room"},
}


class Results:
    """The results of a run.

    job : ``datasets``, ``methods``, ``interval``, ``titles``, ``not_run`` {dataset: reason} and
        ``theorem_methods``, the entries that are AMTL under any name.
    inputs : ``scores``, ``timings`` and ``fits``, the npz files of the fits with graphs; the json of each
        stands beside it.
    """

    def __init__(self, job, inputs):
        self._job = job
        self._scores = Scores(inputs["scores"])
        self._times, self._paths, self._loaded = {}, {}, {}
        for row in read_table(inputs["timings"], TIMING_COLUMNS):
            if row["total"]:
                times = self._times.setdefault((row["dataset"], row["method"]), {})
                times[int(row["split"])] = float(row["total"])
        for path in map(Path, inputs.get("fits", ())):
            fits = self._paths.setdefault((path.parts[-3], path.parts[-2]), {})
            fits[int(path.stem.removeprefix("split"))] = path
        self._first = None
        self.interval = job.get("interval", "normal")
        self.datasets = paper.in_order(job["datasets"], paper.DATASETS)
        self.theorem_methods = paper.in_order(job.get("theorem_methods", ()), paper.METHOD_TITLES)

    def on_first(self, count):
        """Return the same results on the splits 1 to `count` only."""
        fewer = object.__new__(Results)
        fewer.__dict__.update(self.__dict__, _first=count)
        return fewer

    def largest_split(self):
        """Return the largest number of a split that any score or fit has."""
        return max((k for values in self._scores.all_values() for k in values), default=0)

    def title(self, method):
        return paper.method_title(self._job, method)

    def dataset_title(self, dataset):
        """Return a short title: ``Synthetic``, ``authors' file`` or the name of the entry."""
        for columns in TABLE_COLUMNS.values():
            for column, name in columns.items():
                if name == dataset:
                    return "imbalanced Synthetic" if dataset == "imbalanced" else column
        return paper.dataset_title(dataset)

    def has(self, dataset):
        return dataset in self._job["datasets"]

    def missing(self, dataset, *methods):
        """Return why `methods` cannot be compared on `dataset`, or an empty text if they can."""
        if not self.has(dataset):
            reason = self._job.get("not_run", {}).get(dataset)
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
        """Return {split: fit}: ``B``, ``order`` where there is one, ``losses`` (T,) the mean training losses,
        ``penalized_W`` the weights without a free intercept, ``converged`` and ``delta``."""
        paths = self._cut(self._paths.get((dataset, method), {}))
        for path in paths.values():
            if path not in self._loaded:
                self._loaded[path] = _load(path)
        return {split: self._loaded[path] for split, path in sorted(paths.items())}

    def _errors(self, dataset, method):
        return self._cut(self._scores.values(dataset, method, self._scores.primary_metric(dataset)))

    def _by_task(self, dataset, method, metric, tasks):
        return {task: self._cut(self._scores.values(dataset, method, metric, task)) for task in tasks}

    def _cut(self, by_split):
        if self._first is None:
            return by_split
        return {split: value for split, value in by_split.items() if split <= self._first}


def _load(path):
    *_, arrays = read_arrays(path)
    record = read_fit(path.with_suffix(".json"))
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

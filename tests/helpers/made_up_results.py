"""A made-up run: its description, scores, fits and splits, with numbers that a test chooses."""

from pathlib import Path

import numpy as np

from amtl.splits import Part, Split
from workbench import scores
from workbench.fit import FitReader, write_fit
from workbench.jobs import FitSet
from workbench.run_info import DatasetInfo, MethodInfo, NotRun, RunInfo
from workbench.split_files import save_split

TASKS = tuple(str(t + 1) for t in range(12))
META = {"difficulty": (["easy"] * 3 + ["hard"] * 3) * 2, "group": [1] * 6 + [2] * 6}
TITLES = {
    "stl": "STL",
    "mtfl": "MTFL",
    "go-mtl": "GO-MTL",
    "sc-mtl": "SC-MTL",
    "curriculum-simple": "Curriculum-simple",
    "smtl": "SMTL",
    "amtl-noloss": "AMTL-noLoss",
    "amtl": "AMTL",
    "amtl-imbalanced": "AMTL-imbalanced",
    "amtl-curriculum": "AMTL-Curriculum",
    "mean": "Mean predictor",
    "pooled": "Pooled",
    "oracle": "Oracle",
    "synthetic": "Synthetic (generated)",
    "synthetic-authors": "Synthetic (authors' file)",
    "mnist": "MNIST",
    "school": "School",
    "imbalanced": "Imbalanced synthetic (generated)",
    "imagenet-room": "ImageNet-Room",
}
CONTROLS = ("mean", "pooled", "oracle")
REGRESSION = ("synthetic", "synthetic-authors", "school", "imbalanced", "imbalanced-authors")


class Made:
    """A job that made a result, as far as the files of results ask."""

    def __init__(self, digest):
        self.digest = digest

    def require_code(self):
        """Return; the code of a made-up job never changes."""


def dataset(name, **facts):
    """Return the DatasetInfo of an entry; facts : what differs from a built-in dataset of that name."""
    kind = "regression" if name in REGRESSION else "one-vs-rest"
    usual = {"title": TITLES.get(name, name), "dataset": name, "kind": kind, "has_truth": False, "splits": 4}
    return DatasetInfo(name, **{**usual, **facts})


def method(name, **facts):
    """Return the MethodInfo of an entry; facts : what differs from a built-in method of that name."""
    usual = {"title": TITLES.get(name, name), "method": name, "control": name in CONTROLS}
    return MethodInfo(name, **{**usual, **facts})


def run_of(datasets, methods, ablations=(), not_run=(), interval="normal", splits=4):
    """Return a RunInfo. Datasets and methods are names, or objects made by `dataset` and `method`.

    not_run : {dataset: reason}. All methods and ablations are fitted on all splits of all datasets.
    """
    datasets = tuple(dataset(each, splits=splits) if isinstance(each, str) else each for each in datasets)
    methods = tuple(method(each) if isinstance(each, str) else each for each in methods)
    ordered = [m for m in methods if not m.control] + [m for m in methods if m.control]
    fitted = {d.name: {m.name: splits for m in (*methods, *ablations)} for d in datasets}
    missing = tuple(NotRun(name, TITLES.get(name, name), name, why) for name, why in dict(not_run).items())
    return RunInfo(datasets, tuple(ordered), tuple(ablations), missing, fitted, interval)


def value(wanted, k):
    """Return the number of split `k`: a mean, or (mean, spread) that alternates from split to split.

    0.1 k is added to all numbers; it cancels in paired differences.
    """
    mean, spread = wanted if isinstance(wanted, tuple) else (wanted, 0.0)
    return mean + 0.1 * k + spread * (-1) ** k


def write_scores(folder, rows):
    """Write scores.csv; rows of (dataset, split, method, metric, value) for the whole split."""
    path = Path(folder) / "scores.csv"
    rows = [(d, k, m, "all", metric, number) for d, k, m, metric, number in rows]
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    return path


def write(
    folder,
    errors,
    tasks=None,
    fits=None,
    times=None,
    iterations=None,
    splits=4,
    interval="normal",
    not_run=(),
):
    """Write scores.csv, timings.csv and fits; return (run, inputs) of the tables of claims.

    errors : {dataset: {method: wanted}}, the error of a whole split.
    tasks : {dataset: {method: [wanted of each task]}}, the errors of single tasks.
    fits : {(dataset, method): {"B", "order", "losses", "W", "converged", "options", "params", "tasks",
        "grid", "learned"}}, where a list stands for one value per split. learned : {name: array} of what
        else a fit holds.
    times : {(dataset, method): wanted}, seconds.
    iterations : {(dataset, method): number}.
    """
    folder = Path(folder)
    rows, seconds = [], []
    for k in range(1, splits + 1):
        for name, by_method in errors.items():
            metric = "rmse" if name in REGRESSION else "error"
            rows += [(name, k, m, "all", metric, value(x, k)) for m, x in by_method.items()]
        for name, by_method in (tasks or {}).items():
            metric = "rmse" if name in REGRESSION else "class_error"
            for m, wanted in by_method.items():
                rows += [(name, k, m, str(t), metric, value(x, k)) for t, x in enumerate(wanted, start=1)]
        rows += [(name, k, m, "all", "iterations", n) for (name, m), n in (iterations or {}).items()]
        for (name, m), wanted in (times or {}).items():
            total = value(wanted, k)
            seconds.append((name, k, m, total, total, total))
    scores.write_table(folder / "scores.csv", scores.SCORE_COLUMNS, rows)
    scores.write_table(folder / "timings.csv", scores.TIMING_COLUMNS, seconds)
    methods = {m for source in (errors, tasks or {}) for by_method in source.values() for m in by_method}
    run = run_of(list(errors), sorted(methods), interval=interval, splits=splits, not_run=not_run)
    contents = {
        (*place, k): made_fit(
            {key: each[k - 1] if isinstance(each, list) else each for key, each in fit.items()}
        )
        for place, fit in (fits or {}).items()
        for k in range(1, splits + 1)
    }
    inputs = {"scores": folder / "scores.csv", "timings": folder / "timings.csv"}
    return run, {**inputs, "fits": write_fits(folder / "fits", contents)}


def made_fit(fit):
    """Return (record, arrays) of a fit from some of its content; the rest is made up."""
    graph = np.asarray(fit.get("B", np.zeros((12, 12))), dtype=float)
    losses = np.asarray(fit.get("losses", np.arange(1.0, len(graph) + 1.0)))
    names = fit.get("tasks", [str(t + 1) for t in range(len(losses))])
    arrays = {
        "W": np.asarray(fit.get("W", np.ones((2, len(graph))))),
        "objective": np.array([2.0, 1.0]),
        "B": graph,
        **fit.get("learned", {}),
    }
    if "order" in fit:
        arrays["order"] = np.asarray(fit["order"])
    losses = [
        {"task": t, "metric": "train_loss", "value": float(x)} for t, x in zip(names, losses, strict=True)
    ]
    options = fit.get("options", {"intercept": "feature", "delta": "train"})
    changes = {"tasks": names, "metrics": losses, "options": options, "converged": fit.get("converged", True)}
    changes |= {"params": fit.get("params", {}), "grid": list(fit.get("grid", ()))}
    return fit_record(**changes), arrays


def fit_record(**changes):
    """Return the content of a fit's json without its place, with `changes`."""
    return {
        "kind": "regression",
        "loss": "squared",
        "options": {},
        "tasks": ["1"],
        "objective_formula": "sum_t S_t(w_t), all of it",
        "citation": "Nobody (2000)",
        "params": {},
        "grid": [],
        "chosen": 0,
        "initial_points": 0,
        "edges": [],
        "limits": [],
        "same_as": None,
        "warnings": [],
        "iterations": 1,
        "converged": True,
        "residual": 0.0,
        "objective": 1.0,
        "restarts": [],
        "metrics": [],
        "seconds": {"tune": 1.0, "fit": 1.0, "total": 2.0},
        "versions": {"python": "3.11.2", "numpy": "2.4.0"},
        **changes,
    }


def fit_set(places):
    """Return the FitSet of the fits at `places` (dataset, method, split)."""
    splits, fits = {}, {}
    for name, m, k in places:
        splits.setdefault(name, {})[str(k)] = f"data of {name} {k}"
        fits.setdefault(name, {}).setdefault(m, [f"settings of {name} {m}", []])[1].append(k)
    return FitSet(splits, fits)


def write_fits(folder, contents):
    """Write fits, {(dataset, method, split): (record, arrays)}; return the FitReader that accepts them."""
    reader = FitReader(fit_set(contents), folder)
    for place, (record, arrays) in contents.items():
        named = {**dict(zip(("dataset", "method", "split"), place, strict=True)), **record}
        job = Made(reader.fits.fit_digest(*place))
        write_fit(reader.path(*place, "npz"), reader.path(*place), job, named, arrays)
    return reader


def make_split(name="synthetic", index=1, rows=(2,) * 12, width=3, tasks=None, **changes):
    """Return a regression split with `rows` rows of each task in every part; all numbers are random."""
    generator = np.random.default_rng(index)
    offsets = np.concatenate([[0], np.cumsum(rows)])
    parts = {
        part: Part(generator.normal(size=(sum(rows), width)), generator.normal(size=sum(rows)), offsets)
        for part in ("train", "validation", "test")
    }
    tasks = tasks or tuple(str(t + 1) for t in range(len(rows)))
    return Split(name, index, "regression", tasks, **{**parts, **changes})


def write_split(path, split):
    """Write a split; return (path, digest), as tables and figures take it."""
    digest = f"data of {split.dataset} {split.index}"
    save_split(path, Made(digest), split)
    return path, digest

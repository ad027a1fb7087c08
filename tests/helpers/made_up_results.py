"""Results of a run that never was, with numbers that a test chooses."""

import json
from pathlib import Path

import numpy as np

from workbench import scores

TASKS = tuple(str(t + 1) for t in range(12))


def value(wanted, k):
    """Return the number of split `k`: a mean, or (mean, spread) that goes up and down from split to split.

    What all share, 0.1 k, cancels in paired differences.
    """
    mean, spread = wanted if isinstance(wanted, tuple) else (wanted, 0.0)
    return mean + 0.1 * k + spread * (-1) ** k


def write(folder, errors, tasks=None, fits=None, times=None, splits=4):
    """Write scores.csv, timings.csv and fits; return (job, inputs) of `workbench.papers.results.Results`.

    errors : {dataset: {method: wanted}}, the error of a whole split.
    tasks : {dataset: {method: [wanted of each task]}}, the errors of single tasks.
    fits : {(dataset, method): {"B", "order", "losses", "W", "converged", "options"}}, where a list stands for
        one value per split.
    times : {(dataset, method): wanted}, seconds.
    """
    folder = Path(folder)
    rows, seconds, paths = [], [], []
    for k in range(1, splits + 1):
        for dataset, by_method in errors.items():
            metric = "rmse" if "synth" in dataset or dataset in ("school", "imbalanced") else "error"
            rows += [(dataset, k, method, "all", metric, value(x, k)) for method, x in by_method.items()]
        for dataset, by_method in (tasks or {}).items():
            metric = "rmse" if "synth" in dataset else "class_error"
            for method, wanted in by_method.items():
                rows += [
                    (dataset, k, method, str(t), metric, value(x, k)) for t, x in enumerate(wanted, start=1)
                ]
        for (dataset, method), wanted in (times or {}).items():
            total = value(wanted, k)
            seconds.append((dataset, k, method, total, total, total))
        for (dataset, method), fit in (fits or {}).items():
            paths.append(_write_fit(folder, dataset, method, k, fit))
    scores.write_table(folder / "scores.csv", scores.SCORE_COLUMNS, rows)
    scores.write_table(folder / "timings.csv", scores.TIMING_COLUMNS, seconds)
    methods = {m for source in (errors, tasks or {}) for by_method in source.values() for m in by_method}
    job = {"datasets": list(errors), "methods": sorted(methods), "theorem_methods": ["amtl"]}
    inputs = {"scores": folder / "scores.csv", "timings": folder / "timings.csv", "fits": paths}
    return job, inputs


def _write_fit(folder, dataset, method, k, fit):
    fit = {key: each[k - 1] if isinstance(each, list) else each for key, each in fit.items()}
    graph = np.asarray(fit.get("B", np.zeros((12, 12))), dtype=float)
    losses = np.asarray(fit.get("losses", np.arange(1.0, len(graph) + 1.0)))
    names = [str(t + 1) for t in range(len(graph))]
    arrays = {"W": np.asarray(fit.get("W", np.ones((2, len(graph))))), "objective": np.array([2.0, 1.0])}
    arrays["B"] = graph
    if "order" in fit:
        arrays["order"] = np.asarray(fit["order"])
    path = folder / dataset / method / f"split{k}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)
    record = {
        **{"dataset": dataset, "split": k, "method": method, "title": method, "loss": "squared"},
        **{"tasks": names, "params": {}, "grid": [], "edges": [], "warnings": [], "iterations": 1},
        **{"converged": fit.get("converged", True), "residual": 0.0, "objective": 1.0},
        **{"objective_formula": "", "citation": "", "versions": {}},
        "seconds": {"tune": 1.0, "fit": 1.0, "total": 1.0},
        "options": fit.get("options", {"intercept": "feature", "delta": "train"}),
        "metrics": [
            {"task": t, "metric": "train_loss", "value": float(x)} for t, x in zip(names, losses, strict=True)
        ],
    }
    path.with_suffix(".json").write_text(json.dumps(record))
    return path

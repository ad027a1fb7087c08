"""The learned graphs that the report's explorer shows, as compact plain data."""

from amtl.transfer import gains
from workbench.jobs import to_json
from workbench.papers.lee2016.figures import LEARNER
from workbench.report.tables._rows import BASELINE
from workbench.scores import Scores

# What the page holds: so many splits of a method at most, and so many edges of a graph, the strongest.
MAX_SPLITS = 5
MAX_EDGES = 400
# Fewer splits are kept where all of them would take more characters.
MAX_CHARACTERS = 2_000_000
DIGITS = 4


def shown(run):
    """Return {dataset: {method: split numbers}} of the fits whose graphs the report may show."""
    methods = [method.name for method in run.methods if "graph" in method.learns]
    places = {
        each.name: {m: run.splits_of(each.name, m)[:MAX_SPLITS] for m in methods} for each in run.datasets
    }
    places = {name: {m: splits for m, splits in found.items() if splits} for name, found in places.items()}
    return {name: found for name, found in places.items() if found}


def collect(run, fits, scores):
    """Return the data of the explorer, or None if the run has no graph.

    fits : a `FitReader`. scores : path of the scores. The data are {"baseline": its title or None,
    "max_edges", "splits": the largest number of splits that is kept, "datasets": list of dicts}.
    """
    scores = Scores(scores)
    places = shown(run)
    found = {
        name: {m: {k: _graph(fits, scores, name, m, k) for k in splits} for m, splits in methods.items()}
        for name, methods in places.items()
    }
    if not found:
        return None
    for most in range(MAX_SPLITS, 0, -1):
        data = {
            "baseline": run.title(BASELINE) if run.method(BASELINE) else None,
            "max_edges": MAX_EDGES,
            "splits": most,
            "datasets": [_dataset(run, fits, name, methods, most) for name, methods in found.items()],
        }
        if len(to_json(data)) <= MAX_CHARACTERS:
            break
    return data


def _dataset(run, fits, name, methods, most):
    first = next(iter(methods))
    graphs = {m: {str(k): g for k, g in list(each.items())[:most]} for m, each in methods.items()}
    return {
        "title": run.title(name),
        "tasks": fits.record(name, first, next(iter(methods[first])))["tasks"],
        "methods": [{"title": run.title(m), "graphs": each} for m, each in graphs.items()],
        # The graph that the page shows first.
        "start": list(graphs).index(LEARNER) if LEARNER in graphs else 0,
    }


def _graph(fits, scores, dataset, method, split):
    """Return one graph: edges as a flat list of source, target, weight; losses and gains of its tasks."""
    import numpy as np
    from scipy.sparse import find

    sources, targets, weights = find(fits.arrays(dataset, method, split)["B"])
    strongest = np.lexsort((targets, sources, -weights))[:MAX_EDGES]
    edges = [[int(sources[i]), int(targets[i]), _number(weights[i])] for i in strongest]
    metric = scores.task_metric(dataset)
    errors, alone = (scores.by_task(dataset, each, metric) for each in (method, BASELINE))
    losses = scores.by_task(dataset, method, "train_loss")
    tasks = fits.record(dataset, method, split)["tasks"]
    gain = [gains(errors.get(task, {}), alone.get(task, {})).get(split) for task in tasks]
    return {
        "count": len(sources),
        "edges": [number for edge in edges for number in edge],
        "losses": [_number(losses.get(task, {}).get(split)) for task in tasks],
        "gains": None if all(each is None for each in gain) else [_number(each) for each in gain],
    }


def _number(value):
    return None if value is None else float(f"{value:.{DIGITS}g}")

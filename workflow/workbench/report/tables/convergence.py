"""Whether the solvers converged, per dataset and method, over all splits."""

from functools import partial
from statistics import median

from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.report.tables._rows import shown
from workbench.scores import Scores


def _total(values):
    return int(sum(values))


# Column of the csv file -> (head, score, its summary over the splits, format of the cell or None).
COLUMNS = {
    "fits": ("Fits", "converged", len, None),
    "converged": ("Converged", "converged", lambda values: values.count(1.0), None),
    "iterations_median": ("Iterations, median", "iterations", lambda values: median(values or [None]), None),
    "iterations_max": ("Iterations, max", "iterations", partial(max, default=None), None),
    "worst_residual": ("Worst residual", "residual", partial(max, default=None), ".1e"),
    "restart_spread": ("Spread of restarts", "restart_spread", partial(max, default=None), ".1e"),
    "grid_points": ("Grid fits", "grid_points", _total, None),
    "grid_added": ("Of these added", "grid_added", _total, None),
    "grid_unconverged": ("Grid fits not converged", "grid_unconverged", _total, None),
    "natural_limits": (
        "Choices at a natural limit",
        "natural_limits",
        lambda values: sum(map(bool, values)),
        None,
    ),
    "grid_edge": ("Choices at a grid edge", "edge_warnings", lambda values: sum(map(bool, values)), None),
}


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    records, blocks = [], []
    for dataset in run.datasets:
        rows = []
        for method in [*shown(run), *run.ablations]:
            record = {
                key: summary(list(scores.values(dataset.name, method.name, score).values()))
                for key, (_, score, summary, _) in COLUMNS.items()
            }
            if record["fits"]:
                ablation = method in run.ablations
                names = {"dataset": dataset.name, "method": method.name, "ablation": int(ablation)}
                records.append({**names, **record})
                cells = (_text(record[key], form) for key, (*_, form) in COLUMNS.items())
                rows.append([method.title + (" (ablation)" if ablation else ""), *cells])
        blocks.append((dataset.title, rows))
    return Table(
        title="Convergence of the fits",
        columns=["Method", *(head for head, *_ in COLUMNS.values())],
        align="l" + "r" * len(COLUMNS),
        blocks=blocks,
        notes=[
            "Fits: the fit with the chosen setting, one per split. Grid fits: the fits of all settings.",
            "Residual: how much the solution violates the optimality conditions of its problem.",
            "Spread of restarts, for methods that are not convex: (highest - lowest) / |lowest| final "
            "training objective over the starts of the chosen setting, the largest over splits.",
            "Added: fits beyond the initial grid, where validation chose an end of an axis.",
            "Choices at a natural limit: splits in which a hyper-parameter has its smallest or largest value "
            "and a value beyond it changes nothing or is impossible.",
            "Choices at a grid edge: splits in which it has such a value and the grid could not be extended "
            "further.",
        ],
        records=records,
    )


def _text(value, form):
    return NOTHING if value is None else format(value, form or (",g" if value < 1e6 else ",.0f"))


SPEC = OutputSpec("Convergence", "Fits", 10, build, reads=("scores",))

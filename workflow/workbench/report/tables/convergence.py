"""Did the solvers finish? Per dataset and method, over all splits."""

from statistics import median

from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Table
from workbench.scores import Scores

COLUMNS = {
    "fits": "Fits",
    "converged": "Converged",
    "iterations_median": "Iterations, median",
    "iterations_max": "Iterations, max",
    "worst_residual": "Worst residual",
    "restart_spread": "Spread of restarts",
    "grid_points": "Grid fits",
    "grid_unconverged": "Grid fits not converged",
    "grid_edge": "Choices at a grid edge",
}


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods``, ``ablations``; inputs: ``scores``."""
    scores = Scores(inputs["scores"])
    methods, controls = paper.split_controls(job)
    ablations = list(paper.ablations(job))
    records, blocks = [], []
    for dataset in paper.in_order(job["datasets"], paper.DATASETS):
        rows = []
        for method in methods + controls + ablations:
            record = _record(scores, dataset, method)
            if record is not None:
                ablation = method in ablations
                records.append({"dataset": dataset, "method": method, "ablation": int(ablation), **record})
                title = paper.method_title(job, method) + (" (ablation)" if ablation else "")
                rows.append([title, *(_text(key, record[key]) for key in COLUMNS)])
        blocks.append((paper.dataset_title(dataset), rows))
    return Table(
        title="Convergence of the fits",
        columns=["Method", *COLUMNS.values()],
        align="l" + "r" * len(COLUMNS),
        blocks=blocks,
        notes=[
            "Fits: one per split, the one that was scored. Grid fits: those among which it was chosen.",
            "Residual: by how much the solution violates the optimality conditions of its own problem.",
            "Spread of restarts, for methods that are not convex: the largest over splits of (highest - "
            "lowest) / |lowest| training objective that the starts of the chosen setting ended at.",
            "Choices at a grid edge: splits in which a hyper-parameter took its smallest or largest value.",
        ],
        records=records,
    )


def _record(scores, dataset, method):
    converged = scores.values(dataset, method, "converged").values()
    if not converged:
        return None
    names = ("iterations", "residual", "restart_spread", "grid_points", "grid_unconverged", "edge_warnings")
    values = {name: list(scores.values(dataset, method, name).values()) for name in names}
    return {
        "fits": len(converged),
        "converged": sum(value == 1 for value in converged),
        "iterations_median": median(values["iterations"]) if values["iterations"] else None,
        "iterations_max": max(values["iterations"], default=None),
        "worst_residual": max(values["residual"], default=None),
        "restart_spread": max(values["restart_spread"], default=None),
        "grid_points": int(sum(values["grid_points"])),
        "grid_unconverged": int(sum(values["grid_unconverged"])),
        "grid_edge": sum(value > 0 for value in values["edge_warnings"]),
    }


def _text(key, value):
    if value is None:
        return "–"
    if key in ("worst_residual", "restart_spread"):
        return f"{value:.1e}"
    return f"{value:,g}" if value < 1e6 else f"{value:,.0f}"

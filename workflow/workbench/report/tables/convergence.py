"""Whether the solvers converged, per dataset and method, over all splits."""

from statistics import median

from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
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


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    methods = [*run.methods_that(control=False), *run.methods_that(control=True), *run.ablations]
    records, blocks = [], []
    for dataset in run.datasets:
        rows = []
        for method in methods:
            record = _record(scores, dataset.name, method.name)
            if record is not None:
                ablation = method in run.ablations
                names = {"dataset": dataset.name, "method": method.name, "ablation": int(ablation)}
                records.append({**names, **record})
                title = method.title + (" (ablation)" if ablation else "")
                rows.append([title, *(_text(key, record[key]) for key in COLUMNS)])
        blocks.append((dataset.title, rows))
    return Table(
        title="Convergence of the fits",
        columns=["Method", *COLUMNS.values()],
        align="l" + "r" * len(COLUMNS),
        blocks=blocks,
        notes=[
            "Fits: the fit with the chosen setting, one per split. Grid fits: the fits of all settings.",
            "Residual: how much the solution violates the optimality conditions of its problem.",
            "Spread of restarts, for methods that are not convex: (highest - lowest) / |lowest| final "
            "training objective over the starts of the chosen setting, the largest over splits.",
            "Choices at a grid edge: splits in which a hyper-parameter has its smallest or largest value.",
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
        return NOTHING
    if key in ("worst_residual", "restart_spread"):
        return f"{value:.1e}"
    return f"{value:,g}" if value < 1e6 else f"{value:,.0f}"


SPEC = OutputSpec(label="Convergence", section="Fits", order=10, make=build, reads=("scores",))

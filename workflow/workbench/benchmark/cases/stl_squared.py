"""STL with the squared loss, compared with the solvers of scikit-learn's Ridge."""

import numpy as np

from workbench.benchmark import data, single
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, TOLERANCES, Answer, Contender, per_task

# {solver: tolerances to calibrate over}; the exact solvers have none.
SOLVERS = {"cholesky": (), "svd": (), "lsqr": TOLERANCES, "sparse_cg": TOLERANCES}


def settings(sources):
    """Return the problem of each dataset at its tuned ridge weight."""
    found = {}
    for dataset, source in sources.items():
        split, _ = data.read_source(source)
        _, rho = data.tuned_stl(split, "squared")
        found[dataset] = data.arrays(split, "squared") | {"rho": rho}
    return found


def contenders(given):
    """Return ours and scikit-learn's, with the same objective. Shared rows make it one call for all tasks."""
    return [single.ours(given), *(_sklearn(given, solver) for solver in SOLVERS)]


def _sklearn(given, solver):
    def make():
        from sklearn.linear_model import Ridge

        def run(tolerance, limit):
            iterations = []

            def solve(X, y):
                model = Ridge(
                    alpha=given["rho"],
                    solver=solver,
                    tol=tolerance,
                    fit_intercept=False,
                    max_iter=MAX_ITERATIONS,
                )
                model.fit(X, y)
                if model.n_iter_ is not None:
                    iterations.append(int(np.sum(model.n_iter_)))
                return model.coef_

            X, Y = data.rows(given)
            W = solve(X, Y).T if isinstance(X, np.ndarray) else per_task(solve, X, Y)
            return Answer(W, {"iterations": sum(iterations)} if iterations else {})

        return run

    return Contender(f"scikit-learn Ridge {solver}", make, levels=SOLVERS[solver])


SPEC = CaseSpec(
    title="STL, squared",
    convex=True,
    datasets=("school", "usps"),
    settings=settings,
    contenders=contenders,
    judge=single.judge,
)

"""L21 on tasks with rows of their own, compared with group lassos on one block-diagonal matrix."""

import numpy as np

from amtl.methods.features.l21 import SPEC as L21_SPEC
from amtl.penalties import L21
from workbench.benchmark import sparse
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS

PENALTY = sparse.one_strength(L21)
# {dataset: its loss}.
LOSSES = {"school": "squared", "landmine": "logistic"}


def settings(sources):
    """Return the problems of both losses."""
    found = {}
    for name, source in sources.items():
        found |= sparse.settings({name: source}, LOSSES[name], PENALTY)
    return found


def contenders(given):
    """Return ours and the group lasso of two packages."""
    squared, lam = given["loss"] == "squared", given["lam"]

    def adelie(package, problem, tolerance):
        X = package.matrix.sparse(problem.X, method="naive")
        n = len(problem.y)
        glm, factor = (package.glm.gaussian, 0.5 / n) if squared else (package.glm.binomial, 1.0 / n)
        return sparse.adelie_weights(
            package, X, glm(problem.y), factor * lam, tolerance, groups=problem.starts
        )

    def skglm(package, problem, tolerance):
        from skglm import datafits, penalties, solvers

        d, n_tasks = problem.shape
        indices = np.arange(d * n_tasks, dtype=np.int32)
        edges = np.append(problem.starts, d * n_tasks).astype(np.int32)
        n = len(problem.y)
        Loss, alpha = (
            (datafits.QuadraticGroup, 0.5 * lam / n) if squared else (datafits.LogisticGroup, lam / n)
        )
        Solver = solvers.GroupBCD if squared else solvers.GroupProxNewton
        # Its solver of the logistic loss takes no sparse matrix.
        X, y = (problem.X, problem.y) if squared else (problem.X.toarray("F"), 2.0 * problem.y - 1.0)
        model = package.GeneralizedLinearEstimator(
            Loss(edges, indices),
            penalties.WeightedGroupL2(alpha, np.ones(d), edges, indices),
            Solver(tol=tolerance, max_iter=MAX_ITERATIONS, fit_intercept=False),
        )
        return np.asarray(model.fit(X, y).coef_).ravel()

    return [
        sparse.ours(L21_SPEC, given, PENALTY),
        sparse.stacked(given, "adelie grpnet", adelie, "adelie"),
        sparse.stacked(given, "skglm group lasso", skglm, "skglm"),
    ]


SPEC = CaseSpec(
    title="L21, own rows",
    convex=True,
    datasets=tuple(LOSSES),
    settings=settings,
    contenders=contenders,
    judge=sparse.judge(PENALTY),
)

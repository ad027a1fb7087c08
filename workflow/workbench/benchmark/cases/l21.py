"""L21 and MTFL with shared features on shared rows, beside the multi-task lasso of other packages.

At a solution W* of L21, MTFL's gamma Omega^2 has the same solution for 2 gamma Omega(W*) = lam. So MTFL takes
part with this gamma, and is judged by the objective of L21.
"""

import numpy as np

from amtl.methods.features.l21 import SPEC as L21_SPEC
from amtl.methods.features.mtfl import SPEC as MTFL
from amtl.penalties import L21
from amtl.solvers.proximal import minimize_composite
from workbench.benchmark import data, sparse
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import TOLERANCES, Contender, fit_of

SIZE = sparse.SIZE
PENALTY = sparse.one_strength(L21)
OPTIONS = data.default_options(MTFL) | {"learn": "select"}
# Tolerance and bound on iterations of the untimed fit whose solution gives gamma.
GAMMA_TOLERANCE, GAMMA_MAX_ITERATIONS = 1e-10, 2_000


def settings(sources):
    """Return the problems, with gamma."""
    found = sparse.settings(sources, "squared", PENALTY, size=SIZE)
    return {name: given | {"gamma": _gamma(given)} for name, given in found.items()}


def _gamma(given):
    problem = data.make_problem(given)
    accuracy = GAMMA_TOLERANCE, GAMMA_MAX_ITERATIONS
    W = minimize_composite(problem, PENALTY.make(given), given["init"], *accuracy).W
    return given["lam"] / (2.0 * float(np.linalg.norm(W, axis=1).sum()))


def contenders(given):
    """Return ours and the multi-task lasso of four packages."""
    alpha = {"alpha": lambda n: given["lam"] / (2.0 * n)}
    mtfl = fit_of(MTFL, given, ("gamma",), OPTIONS)
    lasso = "MultiTaskLasso"
    return [
        sparse.ours(L21_SPEC, given, PENALTY),
        Contender("ours, MTFL", mtfl.make, levels=TOLERANCES),
        sparse.together(
            given, f"scikit-learn {lasso}", sparse.estimator("sklearn.linear_model", lasso, **alpha)
        ),
        sparse.together(given, "celer mtl_path", sparse.celer_path("mtl_path", given["lam"]), "celer"),
        sparse.together(given, f"skglm {lasso}", sparse.estimator("skglm", lasso, **alpha), "skglm"),
        sparse.together(given, "adelie grpnet", sparse.adelie(given["lam"]), "adelie"),
    ]


SPEC = CaseSpec(
    title="L21, shared rows",
    convex=True,
    datasets=("usps",),
    settings=settings,
    contenders=contenders,
    judge=sparse.judge(PENALTY),
)

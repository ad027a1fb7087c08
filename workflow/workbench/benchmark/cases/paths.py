"""Paths of 60 strengths on shared rows, for ridge and L21, compared with the paths of other packages.

Every path starts at the strongest penalty, and a fit may start from the solution of the one before. Packages
without a function for paths are asked for every strength. A result is W of every strength, (60, d, T).
"""

from dataclasses import replace
from functools import partial
from importlib import import_module

import numpy as np

from amtl.methods._fit import Context
from amtl.methods._penalized import strength_path
from amtl.methods.features.l21 import SPEC as L21_SPEC
from amtl.methods.single.stl import SPEC as STL
from amtl.penalties import L21
from amtl.solvers.proximal import null_gradient
from workbench.benchmark import data, single, sparse
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, TOLERANCES, Answer, Contender

N_POINTS = 60
# {name: (method, its strength)}.
METHODS = {"ridge": (STL, "rho"), "L21": (L21_SPEC, "lam")}


def settings(sources):
    """Return the paths of both penalties on every dataset."""
    found = {}
    for name, source in sources.items():
        arrays = data.arrays(data.read_source(source)[0], "squared")
        problem = data.make_problem(arrays)
        ridge = [point.params["rho"] for point in STL.grid(problem, Context(), {}, N_POINTS)]
        l21 = strength_path(L21(1.0).largest(null_gradient(problem)), N_POINTS)
        for penalty, strengths in (("ridge", ridge), ("L21", l21)):
            found[f"{name}, {penalty}"] = arrays | {"penalty": penalty, "strengths": np.array(strengths)}
    return found


def contenders(given):
    """Return ours and the paths of scikit-learn, celer and adelie."""
    if given["penalty"] == "ridge":
        others = [_sklearn_ridge(given, solver) for solver in ("cholesky", "svd")]
    else:
        others = [
            _path(given, "scikit-learn enet_path", _sklearn_l21),
            _path(given, "celer mtl_path", _celer, "celer"),
            _path(given, "adelie grpnet", _adelie, "adelie"),
        ]
    return [_ours(given), *others]


def _ours(given):
    spec, name = METHODS[given["penalty"]]
    options = data.default_options(spec)

    def run(tolerance, limit):
        problem, context = data.make_problem(given), Context(tolerance, MAX_ITERATIONS)
        fits = []
        for strength in given["strengths"]:
            warm = replace(context, warm=fits[-1].W) if fits else context
            fits.append(spec.fit(problem, {name: float(strength)}, warm, options))
        return Answer(np.array([fit.W for fit in fits]), {"iterations": sum(fit.iterations for fit in fits)})

    return Contender("ours", lambda: run)


def _path(given, name, make_solver, package=None, levels=TOLERANCES):
    """Return the contender of a package.

    make_solver : function () -> solve(X, Y, strengths, tolerance) -> W (60, d, T).
    """

    def make():
        solve = make_solver()

        def run(tolerance, limit):
            X, Y = (np.asfortranarray(rows) for rows in data.rows(given))
            return Answer(solve(X, Y, given["strengths"], tolerance))

        return run

    return Contender(name, make, package, levels)


def _sklearn_ridge(given, solver):
    def make_solver():
        from sklearn.linear_model import Ridge

        model = Ridge(solver=solver, fit_intercept=False)

        def solve(X, Y, strengths, tolerance):
            return np.array([model.set_params(alpha=rho).fit(X, Y).coef_.T for rho in strengths])

        return solve

    # These solvers are exact.
    return _path(given, f"scikit-learn Ridge {solver}", make_solver, levels=())


def _sklearn_l21():
    from sklearn.linear_model import enet_path

    return partial(_coordinate_descent, partial(enet_path, l1_ratio=1.0))


def _celer():
    # Its estimators import a part of scikit-learn that no longer exists; this function does not.
    return partial(_coordinate_descent, import_module("celer.homotopy").mtl_path)


def _coordinate_descent(path, X, Y, strengths, tolerance):
    alphas = strengths / (2.0 * len(X))
    coefs = path(X, Y, alphas=alphas, tol=tolerance, max_iter=MAX_ITERATIONS)[1]
    return coefs.transpose(2, 1, 0)


def _adelie():
    import adelie

    def solve(X, Y, strengths, tolerance):
        glm = adelie.glm.multigaussian(np.ascontiguousarray(Y))
        # Its loss is 1 / (2 n T) of ours.
        found = sparse.adelie_path(adelie, X, glm, strengths / (2.0 * Y.size), tolerance)
        return found.reshape(len(strengths), X.shape[1], -1)

    return solve


def judge(given):
    """Return the judge of a path: the mean of the objectives, and the largest of the residuals."""
    if given["penalty"] == "ridge":
        judges = [single.judge(given | {"rho": rho}) for rho in given["strengths"]]
    else:
        judges = [data.judged_by_gap(given, L21(lam)) for lam in given["strengths"]]

    def evaluate(result):
        found = [judge(W) for judge, W in zip(judges, result, strict=True)]
        return float(np.mean([value for value, _ in found])), max(residual for _, residual in found)

    return evaluate


SPEC = CaseSpec(
    title="Paths of 60 strengths, shared rows",
    convex=True,
    datasets=("mnist", "usps"),
    settings=settings,
    contenders=contenders,
    judge=judge,
)

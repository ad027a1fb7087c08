"""Sparse penalties: the packages that solve the same problems, the strengths to try and the judge.

Strengths are shares of the largest useful one. Each contender starts from zero weights, without an intercept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from amtl.solvers.proximal import null_gradient
from workbench.benchmark import data, generated
from workbench.benchmark.contenders import MAX_ITERATIONS, TOLERANCES, Answer, Contender, fit_of, per_task

SHARES = {"strong": 0.3, "middle": 0.03, "weak": 0.003}
# The usual size of the problem with correlated features. Coordinate descent solves the orthogonal features of
# a PCA in one pass.
SIZE = {"n_tasks": 20, "d": 300, "n": 500, "used": 30}


@dataclass(frozen=True)
class Penalty:
    """A penalty of a case.

    make : function (given) -> one of `amtl.penalties`.
    params : function (largest, share) -> {name: value} of the hyper-parameters in `given`, at a share of the
        largest useful strength.
    """

    make: Callable
    params: Callable


def one_strength(norm):
    """Return the `Penalty` of a norm that has the hyper-parameter ``lam`` alone."""
    return Penalty(lambda given: norm(given["lam"]), lambda largest, share: {"lam": share * largest})


def settings(sources, loss, penalty, size=None):
    """Return {setting: given} of each dataset at each of `SHARES`.

    size : that of a generated problem with correlated features, or None for no such problem.
    """
    problems = {name: data.arrays(data.read_source(source)[0], loss) for name, source in sources.items()}
    if size is not None:
        problems["correlated features"] = generated.correlated(**size)
    found = {}
    for name, arrays in problems.items():
        problem = data.make_problem(arrays)
        largest = penalty.make(penalty.params(1.0, 1.0)).largest(null_gradient(problem))
        base = arrays | {"init": np.zeros((problem.n_features, problem.n_tasks))}
        for setting, share in SHARES.items():
            found[f"{name}, {setting}"] = base | penalty.params(largest, share)
    return found


def judge(penalty):
    """Return the function of `given` that returns the judge of W: the objective and the duality gap."""
    return lambda given: data.judged_by_gap(given, penalty.make(given))


def ours(spec, given, penalty):
    """Return our contender."""
    return fit_of(spec, given, tuple(penalty.params(1.0, 1.0)))


def per_response(given, name, make_solver, package=None):
    """Return the contender of a solver of one task, or of all tasks on shared rows.

    make_solver : function () -> solve(X, y, tolerance) -> weights (d,), or (d, T) for y (n, T).
    """

    def make():
        solve = make_solver()

        def run(tolerance, limit):
            return Answer(per_task(lambda X, y: solve(X, y, tolerance), *data.rows(given)))

        return run

    return Contender(name, make, package, TOLERANCES)


def together(given, name, make_solver, package=None, levels=TOLERANCES):
    """Return the contender of a solver of all tasks on shared rows: solve(X, Y, tolerance) -> W (d, T)."""

    def make():
        solve = make_solver()

        def run(tolerance, limit):
            X, Y = data.rows(given)
            return Answer(solve(np.asfortranarray(X), Y, tolerance))

        return run

    return Contender(name, make, package, levels)


def estimator(module, name, **parameters):
    """Return a `make_solver` from an estimator with scikit-learn's interface.

    parameters : functions of the number of rows.
    """

    def make_solver():
        make = getattr(import_module(module), name)

        def solve(X, Y, tolerance):
            values = {key: value(len(X)) for key, value in parameters.items()}
            model = make(**values, tol=tolerance, fit_intercept=False, max_iter=MAX_ITERATIONS)
            return np.array(model.fit(np.asfortranarray(X), np.asfortranarray(Y)).coef_).T

        return solve

    return make_solver


def celer_path(name, lam, **parameters):
    """Return a `make_solver` from one of celer's functions for paths.

    Its estimators import a part of scikit-learn that no longer exists; these functions do not.
    """

    def make_solver():
        path = getattr(import_module("celer.homotopy"), name)

        def solve(X, Y, tolerance):
            X, Y = np.asfortranarray(X), np.asfortranarray(Y)
            settings = {"alphas": [lam / (2.0 * len(X))], "tol": tolerance, "max_iter": MAX_ITERATIONS}
            coefs = path(X, Y, **parameters, **settings)[1]
            return coefs[..., 0].T

        return solve

    return make_solver


def adelie(strength, share=1.0):
    """Return a `make_solver` from adelie's group elastic net with squared losses, for one or all responses.

    strength, share : lam of the whole penalty in our units, and the share of the norm in it.
    """

    def make_solver():
        import adelie as package

        def solve(X, Y, tolerance):
            Y = np.ascontiguousarray(Y)
            glm = package.glm.gaussian(Y) if Y.ndim == 1 else package.glm.multigaussian(Y)
            # Its loss is 1 / (2 n T) of ours.
            scaled = strength / (2.0 * Y.size)
            return adelie_weights(package, np.asfortranarray(X), glm, scaled, tolerance, share)

        return solve

    return make_solver


def adelie_weights(package, X, glm, strength, tolerance, share=1.0, groups=None):
    """Return adelie's solution at one strength."""
    weights = adelie_path(package, X, glm, np.array([strength]), tolerance, share, groups)[0]
    return weights if weights.size == X.shape[1] else weights.reshape(X.shape[1], -1)


def adelie_path(package, X, glm, strengths, tolerance, share=1.0, groups=None):
    """Return adelie's solutions at `strengths`, one in each row. Every group has the weight one."""
    count = X.shape[1] if groups is None else len(groups)
    state = package.grpnet(
        X=X,
        glm=glm,
        groups=groups,
        alpha=share,
        penalty=np.ones(count),
        lmda_path=strengths,
        intercept=False,
        tol=tolerance,
        irls_tol=tolerance,
        max_iters=MAX_ITERATIONS,
        early_exit=False,
        progress_bar=False,
        n_threads=1,
    )
    return state.betas.toarray()


def asgl(lam, mix):
    """Return a `make_solver` from asgl's sparse group lasso, which hands the problem to cvxpy.

    Its loss is 1 / n of ours. Its only tolerance is the size below which weights become zero: none here.
    """

    def make_solver():
        from asgl import Regressor

        def solve(X, Y, tolerance):
            model = Regressor(
                penalization="sgl",
                lambda1=lam / len(X),
                alpha=mix,
                solver="CLARABEL",
                tol=0.0,
                fit_intercept=False,
            )
            model.fit(X, Y, group_index=np.arange(X.shape[1]))
            return np.asarray(model.coef_).reshape(X.shape[1], -1)

        return solve

    return make_solver


class Stacked:
    """Tasks with rows of their own as one problem with a block-diagonal matrix. Each feature is a group.

    Column j T + t holds feature j of task t, so that groups are contiguous.
    """

    def __init__(self, given):
        from scipy import sparse

        rows, y = data.rows(given)
        n_tasks, d = len(rows), rows[0].shape[1]
        blocks = sparse.block_diag(rows, format="csc")
        order = np.arange(n_tasks * d).reshape(n_tasks, d).T.ravel()
        self.X, self.y, self.shape = blocks[:, order], np.concatenate(y), (d, n_tasks)
        self.starts = np.arange(0, n_tasks * d, n_tasks)


def stacked(given, name, solve, package):
    """Return the contender of solve(package, Stacked, tolerance) -> vector, for tasks with own rows."""

    def make():
        problem, found = Stacked(given), import_module(package)

        def run(tolerance, limit):
            return Answer(solve(found, problem, tolerance).reshape(problem.shape))

        return run

    return Contender(name, make, package, TOLERANCES)

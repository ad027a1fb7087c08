"""MTFL with shared directions on School, against Argyriou, Evgeniou and Pontil's alternation over W and D."""

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.features import mtfl
from amtl.solvers.proximal import SquaredNorm
from workbench.benchmark import data
from workbench.benchmark.contenders import MANY, Answer, Contender, until
from workbench.benchmark.data import make_problem, rows

TITLE = "MTFL, School"
DATASETS = ("school",)
CONVEX = True
FITS = ("mtfl",)
# Rounds of the alternation between two looks at the duality gap.
ROUNDS = 10
# The perturbation that keeps D regular, relative to W's largest singular value: it starts here and shrinks
# when the gap no longer falls. Without it the alternation stops short, in any subspace that it has entered.
LARGEST, SHRINK, SETTLED = 0.1, 0.7, 0.999


def settings(sources):
    """Return the problem at the chosen gamma and at 30 times and a thirtieth of it."""
    split, fits = data.read_source(sources["school"])
    record = fits["mtfl"]
    init, _ = data.tuned_stl(split, "squared", len(record["grid"]))
    base = data.arrays(split, "squared") | {"init": init}
    factors = {"chosen": 1.0, "strong": 30.0, "weak": 1.0 / 30.0}
    return {name: base | {"gamma": record["params"]["gamma"] * factor} for name, factor in factors.items()}


def judge(given):
    """Return the judge of W: the objective, and the duality gap relative to the loss at zero."""
    return data.judged_by_gap(given, SquaredNorm(given["gamma"]))


def contenders(given):
    """Return ours and the alternation, both from the tuned single-task weights."""
    return [
        Contender("ours", lambda: _ours(given)),
        Contender("alternation over D", lambda: _alternation(given)),
    ]


def _ours(given):
    options = data.default_options(mtfl)

    def run(tolerance, limit):
        context = Context(tolerance, MANY, init=given["init"])
        fit = mtfl.fit(make_problem(given), {"gamma": given["gamma"]}, context, options)
        return Answer(fit.W, {"iterations": fit.iterations})

    return run


def _alternation(given):
    gamma = given["gamma"]

    def run(tolerance, limit):
        X, Y = rows(given)
        G = np.stack([x.T @ x for x in X])
        right = np.stack([x.T @ y for x, y in zip(X, Y, strict=True)])
        measure = judge(given)
        identity = gamma * np.eye(given["X"].shape[1])

        def step(state):
            W, rounds, eps, before = state
            for _ in range(ROUNDS):
                # D = (W W' + eps^2 I)^(1/2) / trace; in the variables D^(-1/2) w_t the penalty is a ridge.
                U, s, _ = np.linalg.svd(W)
                sizes = np.sqrt(np.append(s, np.zeros(len(U) - len(s))) ** 2 + (eps * s[0]) ** 2)
                root = (U * np.sqrt(sizes / sizes.sum())) @ U.T
                inner = np.linalg.solve(root @ G @ root + identity, (right @ root)[:, :, None])[:, :, 0]
                W = root @ inner.T
            gap = measure(W)[1]
            if gap > SETTLED * before:
                eps *= SHRINK
            return (W, rounds + ROUNDS, eps, gap), gap <= tolerance

        (W, rounds, _, _), stopped = until(step, (given["init"], 0, LARGEST, np.inf), limit)
        return Answer(W, {"iterations": rounds}, stopped)

    return run

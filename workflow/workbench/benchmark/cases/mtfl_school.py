"""MTFL with shared directions on School, compared with the alternation of Argyriou, Evgeniou and Pontil."""

import numpy as np

from amtl.methods.features.mtfl import SPEC as MTFL
from amtl.penalties import SquaredNorm
from workbench.benchmark import data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender, fit_of, until

# Rounds of the alternation between two checks of the duality gap.
ROUNDS_PER_CHECK = 10
# The perturbation that keeps D regular, relative to W's largest singular value. It starts at the first
# number, and is multiplied by the second when the gap has fallen by less than the third asks for. Without a
# perturbation the alternation cannot leave a subspace that it has entered.
FIRST_PERTURBATION, SHRINK_FACTOR, MIN_GAP_RATIO = 0.1, 0.7, 0.999


def settings(sources):
    """Return the problem at the chosen gamma and at 30 times and a thirtieth of it."""
    split, fits = data.read_source(sources["school"])
    record = fits["mtfl"]
    init, _ = data.tuned_stl(split, "squared", record["initial_points"])
    base = data.arrays(split, "squared") | {"init": init}
    gammas = data.scaled("chosen", record["params"]["gamma"])
    return {name: base | {"gamma": gamma} for name, gamma in gammas.items()}


def judge(given):
    """Return the judge of W: the objective and the relative duality gap."""
    return data.judged_by_gap(given, SquaredNorm(given["gamma"]))


def contenders(given):
    """Return ours and the alternation, both from the tuned single-task weights."""
    return [fit_of(MTFL, given, ("gamma",)), Contender("alternation over D", lambda: _alternation(given))]


def _alternation(given):
    gamma = given["gamma"]

    def run(tolerance, limit):
        X, Y = data.rows(given)
        G = np.stack([x.T @ x for x in X])
        right = np.stack([x.T @ y for x, y in zip(X, Y, strict=True)])
        measure = judge(given)
        identity = gamma * np.eye(given["X"].shape[1])

        def step(state):
            W, rounds, eps, before = state
            for _ in range(ROUNDS_PER_CHECK):
                # D = (W W' + eps^2 I)^(1/2) / trace; in the variables D^(-1/2) w_t the penalty is a ridge.
                U, s, _ = np.linalg.svd(W)
                sizes = np.sqrt(np.append(s, np.zeros(len(U) - len(s))) ** 2 + (eps * s[0]) ** 2)
                root = (U * np.sqrt(sizes / sizes.sum())) @ U.T
                inner = np.linalg.solve(root @ G @ root + identity, (right @ root)[:, :, None])[:, :, 0]
                W = root @ inner.T
            gap = measure(W)[1]
            if gap > MIN_GAP_RATIO * before:
                eps *= SHRINK_FACTOR
            return (W, rounds + ROUNDS_PER_CHECK, eps, gap), gap <= tolerance

        (W, rounds, _, _), stopped = until(step, (given["init"], 0, FIRST_PERTURBATION, np.inf), limit)
        return Answer(W, {"iterations": rounds}, stopped)

    return run


SPEC = CaseSpec(
    title="MTFL, School",
    convex=True,
    datasets=("school",),
    fits=("mtfl",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)

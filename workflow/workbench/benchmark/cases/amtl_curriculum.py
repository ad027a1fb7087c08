"""AMTL-Curriculum on the synthetic data, against the same greedy pass written as a plain loop."""

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.graph import amtl_curriculum
from workbench.benchmark import coupling, data
from workbench.benchmark.contenders import MANY, Answer, Contender
from workbench.benchmark.data import make_problem, rows

TITLE = "AMTL-Curriculum"
DATASETS = ("synthetic-authors",)
CONVEX = True
FITS = ("amtl-curriculum",)


def settings(sources):
    """Return the point that validation chose."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    record = fits["amtl-curriculum"]
    init, rho = data.tuned_stl(split, "squared", len(record["grid"]))
    base = data.arrays(split, "squared") | coupling.started_from(init, rho)
    return {"chosen": base | {key: record["params"][key] for key in ("lam", "mu")}}


def judge(given):
    """Return the judge of W and the graph B: AMTL's objective (without ridge) at both.

    The pass is greedy and minimizes no objective of all tasks: there is no residual, and equal objectives say
    that both took the same steps.
    """
    problem = make_problem(given)

    def evaluate(result):
        W, B = result
        losses = problem.losses(W)
        rest = W - W @ B
        price = 1.0 + given["mu"] / problem.n * B.sum(axis=1)
        return price @ losses + given["lam"] * np.vdot(rest, rest), None

    return evaluate


def contenders(given):
    """Return ours and the plain loop."""
    return [Contender("ours", lambda: _ours(given)), Contender("plain loop", lambda: _loop(given))]


def _ours(given):
    options = data.default_options(amtl_curriculum)

    def run(tolerance, limit):
        context = Context(tolerance, MANY, init=given["init"], init_rho=given["rho"])
        params = {"lam": given["lam"], "mu": given["mu"]}
        fit = amtl_curriculum.fit(make_problem(given), params, context, options)
        return Answer((fit.W, fit.B), {"iterations": fit.iterations})

    return run


def _loop(given):
    """Algorithm 2 as it is printed, for the squared loss: one linear system a task."""

    def run(tolerance, limit):
        Xs, ys = rows(given)
        lam, mu = given["lam"], given["mu"]
        W = given["init"].copy()
        d, n_tasks = W.shape
        B = np.zeros((n_tasks, n_tasks))
        loss = [np.sum((X @ w - y) ** 2) for X, y, w in zip(Xs, ys, W.T, strict=True)]
        left, trained = list(range(n_tasks)), []
        while left:
            scored = []
            for t in left:
                price = mu * loss[t] / len(ys[t])
                edges, score = {}, loss[t]
                for s in left:
                    if s == t:
                        continue
                    rest = W[:, s] - sum((B[j, s] * W[:, j] for j in trained), np.zeros(d))
                    norm = W[:, t] @ W[:, t]
                    b = max(W[:, t] @ rest - price / (2.0 * lam), 0.0) / norm if norm > 0.0 else 0.0
                    edges[s] = b
                    score += price * b + lam * np.sum((rest - b * W[:, t]) ** 2)
                scored.append((score, t, edges))
            _, t, edges = min(scored, key=lambda item: item[:2])
            for s, b in edges.items():
                B[t, s] = b
            a = 1.0 + mu / len(ys[t]) * B[t].sum()
            prior = sum((B[j, t] * W[:, j] for j in trained), np.zeros(d))
            X, y = Xs[t], ys[t]
            W[:, t] = np.linalg.solve(a * X.T @ X + lam * np.eye(d), a * X.T @ y + lam * prior)
            left.remove(t)
            trained.append(t)
        return Answer((W, B), {"iterations": n_tasks})

    return run

"""AMTL-Curriculum on the synthetic data, compared with the same greedy pass as a plain loop."""

import numpy as np

from amtl.methods.graph.amtl_curriculum import SPEC as CURRICULUM
from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender, fit_of


def settings(sources):
    """Return the point that validation chose."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    record = fits["amtl-curriculum"]
    init, rho = data.tuned_stl(split, "squared", record["initial_points"])
    base = data.arrays(split, "squared") | coupling.started_from(init, rho)
    return {"chosen": base | {key: record["params"][key] for key in ("lam", "mu")}}


def judge(given):
    """Return the judge of W and the graph B: AMTL's objective (without ridge) at both.

    The pass is greedy and minimizes no joint objective, so there is no residual. Equal objectives show that
    two contenders took the same steps.
    """
    problem = data.make_problem(given)

    def evaluate(result):
        W, B = result
        losses = problem.losses(W)
        rest = W - W @ B
        price = 1.0 + given["mu"] / problem.n * B.sum(axis=1)
        return price @ losses + given["lam"] * np.vdot(rest, rest), None

    return evaluate


def contenders(given):
    """Return ours and the plain loop."""
    ours = fit_of(CURRICULUM, given, ("lam", "mu"), result=lambda fit: (fit.W, fit.B))
    return [ours, Contender("plain loop", lambda: _loop(given))]


def _loop(given):
    """Return the run of the paper's Algorithm 2 for the squared loss: one linear system per task."""

    def run(tolerance, limit):
        Xs, ys = data.rows(given)
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


SPEC = CaseSpec(
    title="AMTL-Curriculum",
    convex=True,
    datasets=("synthetic-authors",),
    fits=("amtl-curriculum",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)

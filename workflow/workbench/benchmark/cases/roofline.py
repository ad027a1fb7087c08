"""How far the W-step and the B-step are from the limit: the time of a matrix product of as many operations.

The operations are those that the step needs at least: for the W-step the Gram matrices and their Cholesky
factors, for the B-step the products of all pairs of tasks. A step at the rate of dgemm has a time ratio of 1.
"""

import numpy as np

from amtl.random import generator
from amtl.solvers.graph_b import best_graph, graph_violation
from amtl.solvers.graph_sparse import Candidates, largest_products
from workbench.benchmark import generated, single
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender

# Tasks, features and rows of a W-step, and the ridge weight.
OWN, SHARED, RHO = (1000, 50, 100), (20, 300, 500), 50.0
# Tasks of a B-step; features and groups; price of an edge relative to the largest product of its task.
DENSE, SPARSE, FEATURES, GROUPS, PRICE_SHARE = 1000, 5000, 50, 100, 0.4
# Side of the square matrices of the product.
SIDE = 1000


def settings(sources):
    """Return both kinds of W-step and of B-step."""
    own = generated.own_rows(*OWN, "squared", OWN[0] // 50) | {"rho": RHO}
    shared = generated.correlated(*SHARED, used=30) | {"rho": RHO}
    T, d, n = OWN
    k, p, m = SHARED
    return {
        "W-step, own rows": own | {"operations": T * (n * d**2 + d**3 / 3)},
        "W-step, shared rows": shared | {"operations": m * p**2 + p**3 / 3 + 2 * p**2 * k},
        "B-step, 1,000 tasks": _graph(DENSE),
        "B-step, 5,000 tasks": _graph(SPARSE),
    }


def _graph(n_tasks):
    rng = generator(0, "benchmark", "roofline", n_tasks)
    W = generated.weights(rng, n_tasks, FEATURES, GROUPS)
    cost = 2.0 * PRICE_SHARE * largest_products(W)
    return {"W": W, "cost": cost, "operations": float(n_tasks) ** 2 * FEATURES}


def contenders(given):
    """Return ours, and the product of as many operations."""
    ours = Contender("ours", lambda: lambda tolerance, limit: Answer(_best_graph(given)))
    if "rho" in given:
        ours = single.ours(given)
    return [ours, Contender("dgemm, as many operations", lambda: _product(given), another_problem=True)]


def _best_graph(given):
    """Return the graph at lam = 1, over candidates for many tasks."""
    W, cost = given["W"], given["cost"]
    if W.shape[1] == DENSE:
        return best_graph(W, cost, 1.0)[0]
    return Candidates(W.shape[1]).graph(W, cost, 1.0)[0]


def _product(given):
    rng = np.random.default_rng(0)
    count = given["operations"] / (2.0 * SIDE**2)
    columns = max(round(count % SIDE), 1)
    A, B, rest = rng.random((SIDE, SIDE)), rng.random((SIDE, SIDE)), rng.random((SIDE, columns))

    def run(tolerance, limit):
        for _ in range(int(count // SIDE)):
            A @ B
        return Answer(A @ rest)

    return run


def judge(given):
    """Return the judge of the weights of a W-step, or of the graph of a B-step."""
    if "rho" in given:
        return single.judge(given)
    W, cost = given["W"], given["cost"]

    def evaluate(B):
        B = B.toarray() if hasattr(B, "toarray") else B
        rest = W - W @ B
        value = float(cost @ B.sum(axis=1)) + float(np.vdot(rest, rest))
        return value, graph_violation(W.T @ W, cost, 1.0, B, W)

    return evaluate


SPEC = CaseSpec(
    title="W-step and B-step beside one matrix product",
    convex=True,
    settings=settings,
    contenders=contenders,
    judge=judge,
)

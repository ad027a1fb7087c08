"""Every method on random degenerate problems: each draws its sizes and several defects."""

import numpy as np
import pytest

from amtl.model_selection import tune
from amtl.splits import Part, Split
from helpers.problems import options_of
from workbench.plugins import find, load

pytestmark = pytest.mark.slow

METHODS = {name: load("methods", name) for name in find("methods")}
PROBLEMS = 20
POINTS, TOLERANCE, MAX_ITERATIONS = 3, 1e-6, 500
# Their penalties do not grow, or slowly: on separable classes the fit ends at large scores and says so.
SLOWLY_GROWING = ("msmtfl", "multi-level-lasso", "ramusa")
DEFECTS = (
    "rank-deficient",
    "fewer rows than features",
    "constant features",
    "duplicated tasks",
    "one-row tasks",
    "constant target",
)


def draw(number):
    """Return (split, loss) of a problem with two or three defects; both losses in turn."""
    rng = np.random.default_rng([number, 20])
    n_tasks, d = int(rng.integers(2, 6)), int(rng.integers(3, 9))
    defects = set(rng.choice(DEFECTS, int(rng.integers(2, 4)), replace=False).tolist())
    sizes = rng.integers(*((1, d) if "fewer rows than features" in defects else (d, 25)), n_tasks)
    if "one-row tasks" in defects:
        sizes[rng.integers(n_tasks)] = 1
    weights = rng.standard_normal((d, n_tasks))
    kind, loss = ("binary", "logistic") if number % 2 else ("regression", "squared")

    def part(sizes):
        X = rng.standard_normal((sizes.sum(), d))
        if "rank-deficient" in defects:
            X[:, 1] = 2.0 * X[:, 0]
        if "constant features" in defects:
            X[:, 0], X[:, -2] = 0.0, 3.0
        X[:, -1] = 1.0
        offsets = np.append(0, np.cumsum(sizes))
        task = np.repeat(np.arange(n_tasks), sizes)
        scores = np.einsum("nd,nd->n", X, weights.T[task])
        y = scores + 0.3 * rng.standard_normal(len(X))
        y = (y > 0.0).astype(float) if kind == "binary" else y
        if "constant target" in defects:
            y[: offsets[1]] = 1.0
        if "duplicated tasks" in defects:
            X[offsets[1] : offsets[2]], y[offsets[1] : offsets[2]] = X[: offsets[1]], y[: offsets[1]]
        return Part(X, y, offsets)

    if "duplicated tasks" in defects:
        sizes[1] = sizes[0]
    names = tuple(f"task {t}" for t in range(n_tasks))
    parts = part(sizes), part(np.full(n_tasks, 5)), part(np.full(n_tasks, 5))
    return Split("degenerate", number + 1, kind, names, *parts, truth=weights), loss


@pytest.mark.parametrize("number", range(PROBLEMS))
@pytest.mark.parametrize("name", METHODS)
def test_degenerate_problem_has_a_certified_fit(name, number):
    spec = METHODS[name]
    split, loss = draw(number)
    if split.kind not in spec.applies_to:
        pytest.skip(f"{name} does not apply to {split.kind}")
    options = options_of(spec)
    tuned = tune(spec, split, loss, options, POINTS, TOLERANCE, MAX_ITERATIONS)
    assert np.isfinite(tuned.fit.W).all() and np.isfinite(tuned.fit.objective).all()
    assert all(np.isfinite(point["validation_metric"]) for point in tuned.grid)
    bad = [point for point in tuned.grid if not point["converged"]]
    assert not bad or (name in SLOWLY_GROWING and loss == "logistic"), bad

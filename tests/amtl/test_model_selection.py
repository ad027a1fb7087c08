"""Grids, warm starts and the choice on validation."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.methods._axes import ENDS, Axis, Lattice
from amtl.methods._fit import Context, Fit, Point
from amtl.methods.single import stl
from amtl.model_selection import Known, fit_paths, tune
from amtl.problem import problem_from_part
from amtl.solvers.coupled_w import solve_coupled_w
from helpers.problems import options_of, random_split
from workbench.plugins import find, load

METHODS = {name: load("methods", name) for name in find("methods")}
STARTED = [name for name in METHODS if METHODS[name].init is not None]
# Rows per task in the training part and in the other parts.
TRAIN_ROWS, OTHER_ROWS = 12, 20


def make_split(kind="regression", refit=False):
    """Four tasks around one weight vector; every other one is noisy."""
    truth = 1.0 + 0.4 * np.random.default_rng(0).normal(size=(5, 4))
    sizes = [TRAIN_ROWS] * 4
    return random_split(kind, 1, truth, sizes, [0.5, 4.0, 0.5, 4.0], OTHER_ROWS, refit)


def context_of(problem, rho=1.0):
    init = solve_coupled_w(problem, np.eye(problem.n_tasks), rho).W
    losses = np.linspace(1.0, 2.0, problem.n_tasks)
    return Context(init=init, init_rho=rho, truth=np.ones(init.shape), validation_loss=losses)


# Grids


@pytest.mark.parametrize("kind", ["regression", "one-vs-rest"])
@pytest.mark.parametrize("n_points", [60, 24])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_the_same_number_of_points_or_nothing_to_tune(name, n_points, kind):
    method = METHODS[name]
    if kind not in method.applies_to:
        pytest.skip(f"{name} is not for {kind}")
    problem = problem_from_part(make_split(kind).train, kind, 4, "squared")
    points = method.grid(problem, context_of(problem), options_of(method), n_points)
    assert len(points) == n_points or [point.params for point in points] == [{}]
    assert len({tuple(point.params.items()) for point in points}) == len(points)
    for point in points:
        assert all(type(value) in (int, float) and 0 < value < np.inf for value in point.params.values())


@pytest.mark.parametrize("name", METHODS)
def test_strongest_regularization_comes_first(name):
    """rho and lam fall; mu falls at every lam; each sigma, nu and value of a fixed axis has its own grid."""
    method = METHODS[name]
    problem = problem_from_part(make_split().train, "regression", 4, "squared")
    params = [point.params for point in method.grid(problem, context_of(problem), options_of(method), 60)]
    separate = ["sigma", "nu", *(axis.name for axis in method.axes if axis.fixed)]

    def label_of(p):
        return [p.get(key) for key in separate]

    for label in [list(each) for each in dict.fromkeys(tuple(label_of(p)) for p in params)]:
        ours = [p for p in params if label_of(p) == label]
        for name in ("rho", "lam"):
            values = [p[name] for p in ours if name in p]
            assert values == sorted(values, reverse=True)
        for lam in {p.get("lam") for p in ours}:
            values = [p["mu"] for p in ours if p.get("lam") == lam and "mu" in p]
            assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("name", METHODS)
def test_mu_takes_the_same_multiples_of_every_lam(name):
    method = METHODS[name]
    problem = problem_from_part(make_split().train, "regression", 4, "squared")
    params = [point.params for point in method.grid(problem, context_of(problem), options_of(method), 60)]
    if not {"lam", "mu"} <= params[0].keys():
        pytest.skip(f"{name} has no (lam, mu) grid")
    for sigma in dict.fromkeys(p.get("sigma") for p in params):
        multiples = {}
        for p in params:
            if p.get("sigma") == sigma:
                multiples.setdefault(p["lam"], []).append(p["mu"] / p["lam"])
        first, *rest = multiples.values()
        assert rest and all(other == pytest.approx(first, rel=1e-9) for other in rest)


@pytest.mark.parametrize("name", METHODS)
def test_every_point_descends_from_a_point_of_its_grid(name):
    method = METHODS[name]
    problem = problem_from_part(make_split().train, "regression", 4, "squared")
    points = method.grid(problem, context_of(problem), options_of(method), 60)
    for k in range(len(points)):
        seen = set()
        while k is not None:
            assert k in range(len(points)) and k not in seen
            seen.add(k)
            child, k = points[k], points[k].parent
            # A path stays in the grid of its sigma.
            assert k is None or points[k].params.get("sigma") == child.params.get("sigma")


@pytest.mark.parametrize("name", METHODS)
def test_points_of_a_grid_are_a_lattice_of_its_axes(name):
    """A step along an axis multiplies its value by one factor and leaves the other axes alone."""
    method = METHODS[name]
    problem = problem_from_part(make_split().train, "regression", 4, "squared")
    points = method.grid(problem, context_of(problem), options_of(method), 60)
    lattice = Lattice(points, method.axes)
    assert len(points) == 1 or any(lattice.open_directions(k) for k in range(len(points)))
    ends = [(k, *way) for k in range(len(points)) for way in lattice.open_directions(k)]
    for k, axis, end in ends:
        direction = ENDS[end]
        inner = lattice.neighbour(k, axis, -direction)
        lattice.extend(k, axis, end, 1)
        outer = lattice.neighbour(k, axis, direction)
        for other in [each for each in method.axes if not each.fixed]:
            low, middle, high = (other.value(lattice.points[i].params) for i in (inner, k, outer))
            assert high / middle == pytest.approx(middle / low)
            assert (abs(high / middle - 1.0) > 1e-3) == (other == axis)
    assert len({tuple(point.params.items()) for point in lattice.points}) == len(lattice.points)


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_ridge_grid_follows_the_scale_of_the_features(factor):
    split = make_split()
    problem = problem_from_part(split.train, "regression", 4, "squared")
    scaled = problem_from_part(replace(split.train, X=factor * split.train.X), "regression", 4, "squared")
    plain, ours = ([point.params["rho"] for point in stl.grid(p, None, {}, 60)] for p in (problem, scaled))
    assert ours == pytest.approx([factor**2 * rho for rho in plain], rel=1e-9)
    # At its upper end the weights are almost zero, at its lower end almost those of no penalty.
    high, low, free = (solve_coupled_w(problem, np.eye(4), rho).W for rho in (plain[0], plain[-1], 0.0))
    assert np.linalg.norm(high) < 0.2 * np.linalg.norm(free)
    assert low == pytest.approx(free, rel=1e-3)


# The choice, for stub methods


def constant(value, n_tasks=4, d=5):
    W = np.zeros((d, n_tasks))
    W[-1] = value
    return W


def stub(weights, parents=None, params=None, converged=None, init=None, axes=()):
    """A method whose k-th point has weights[k]; it records the context of every fit."""
    count = len(weights)
    parents = [None] * count if parents is None else parents
    params = [{"rho": float(count - k)} for k in range(count)] if params is None else params
    converged = [True] * count if converged is None else converged
    method = SimpleNamespace(
        name="made",
        init=init,
        axes=axes,
        extend=None,
        sees=None,
        options={},
        starts={},
        order=[],
        same_as=None,
        defaults={},
    )

    def fit(problem, point, context, options):
        k = params.index(point)
        method.starts[k] = context
        method.order.append(k)
        return Fit(weights[k], [1.0], 3, converged[k], 0.0 if converged[k] else 1.0)

    method.grid = lambda *arguments: [Point(p, q) for p, q in zip(params, parents, strict=True)]
    method.fit = fit
    return method


def choose(method, split=None, loss="squared"):
    return tune(method, split or make_split(), loss, n_points=60)


def test_the_best_validation_metric_wins():
    split = make_split()
    values = [-3.0, 0.0, 1.0, 4.0]
    tuned = choose(stub([constant(value) for value in values]), split)
    y, X = split.validation.y, split.validation.X
    assert (X[:, -1] == 1.0).all()
    expected = [
        np.mean([np.sqrt(np.mean((y[i : i + 20] - v) ** 2)) for i in range(0, 80, 20)]) for v in values
    ]
    assert [point["validation_metric"] for point in tuned.grid] == pytest.approx(expected)
    assert tuned.chosen == int(np.argmin(expected)) and tuned.fit.W[-1, 0] == values[tuned.chosen]
    assert tuned.fit.params == {"rho": 4.0 - tuned.chosen}


def test_equal_predictions_go_to_the_first_point():
    tuned = choose(stub([constant(0.5)] * 5))
    assert tuned.chosen == 0 and tuned.fit.params == {"rho": 5.0}


def test_equal_errors_go_to_the_lower_validation_loss():
    """All points say class 1 everywhere, so their errors agree; their log losses do not."""
    split = make_split("binary")
    values = [5.0, 2.0, 0.3, 1.0, 0.3]
    tuned = choose(stub([constant(value) for value in values]), split, "logistic")
    assert len({point["validation_metric"] for point in tuned.grid}) == 1
    losses = [point["validation_loss"] for point in tuned.grid]
    y = split.validation.y
    assert losses == pytest.approx([np.log1p(np.exp(v)) - y.mean() * v for v in values])
    assert tuned.chosen == int(np.argmin(losses)) and losses[tuned.chosen] < losses[0]


def test_weights_that_overflow_are_the_last_choice():
    wild = [np.full((5, 4), np.nan), constant(np.inf), constant(1e200), constant(50.0)]
    tuned = choose(stub(wild, converged=[False, False, False, True]))
    assert tuned.chosen == 3
    assert [point["validation_metric"] for point in tuned.grid[:3]] == [None, None, None]
    assert [point["validation_loss"] for point in tuned.grid[:3]] == [None, None, None]


def test_a_fit_starts_from_its_parents_weights():
    weights = [constant(value) for value in (1.0, 2.0, 3.0, 4.0)]
    method = stub(weights, parents=[1, None, 0, 1])
    choose(method)
    assert method.order == [1, 0, 2, 3]
    assert method.starts[1].warm is None
    for child, parent in ((0, 1), (2, 0), (3, 1)):
        assert method.starts[child].warm is weights[parent]


def test_a_fit_that_did_not_converge_starts_no_other():
    weights = [constant(value) for value in (1.0, np.nan, 3.0, 4.0, 5.0)]
    method = stub(weights, parents=[None, 0, 1, 2, None], converged=[True, False, False, True, False])
    tuned = choose(method)
    # Its descendants start from the last converged ancestor.
    assert [method.starts[k].warm is weights[0] for k in (1, 2, 3)] == [True] * 3
    assert method.starts[0].warm is None and method.starts[4].warm is None
    assert "3 of 5 grid points did not converge" in tuned.warnings
    assert [point["converged"] for point in tuned.grid] == [True, False, False, True, False]


def test_unconverged_choice_and_start_give_warnings():
    tuned = choose(stub([constant(0.0), constant(500.0)], converged=[False, True]))
    assert any(
        text.startswith("the chosen fit did not converge: residual 1.0e+00") for text in tuned.warnings
    )
    init = stub([constant(0.0)], converged=[False])
    tuned = choose(stub([constant(1.0)], init=init))
    assert "the single-task weights it starts from did not converge" in tuned.warnings


def test_the_tuned_start_and_its_validation_loss_reach_the_fit():
    split = make_split()
    weights = [constant(100.0), constant(1.0), constant(-50.0)]
    method = stub([constant(2.0)], init=stub(weights))
    choose(method, split)
    context = method.starts[0]
    assert context.init is weights[1] and context.init_rho == 2.0 and context.warm is None
    expected = [np.mean((split.validation.y[i : i + 20] - 1.0) ** 2) for i in range(0, 80, 20)]
    assert context.validation_loss == pytest.approx(expected)
    assert context.truth is split.truth


# The extension of grids


def along(values, params, axes, parents=None, has_converged=None):
    """A method whose weights are constant(values(params)), on a grid that may be extended."""
    parents = [None] * len(params) if parents is None else parents
    method = SimpleNamespace(
        name="made",
        init=None,
        options={},
        axes=axes,
        extend=None,
        sees=None,
        same_as=None,
        warm={},
        defaults={},
    )
    method.grid = lambda *arguments: [Point(p, q) for p, q in zip(params, parents, strict=True)]

    def fit(problem, point, context, options):
        method.warm[tuple(point.values())] = context.warm
        converged = has_converged is None or has_converged(point)
        return Fit(constant(values(point)), [1.0], 3, converged, 0.0 if converged else 1.0)

    method.fit = fit
    return method


RHO = (Axis("rho"),)
# A path of ten values from 2^9 down to 1.
PATH = [{"rho": 2.0**power} for power in range(9, -1, -1)]
PARENTS = [None, *range(9)]


def away_from(best):
    """Predictions that are the farther from the targets, the farther log2 rho is from `best`."""
    return lambda params: 100.0 * (1.0 + abs(np.log2(params["rho"]) - best))


@pytest.mark.parametrize("best", [1, 5, 8])
def test_a_choice_inside_the_grid_adds_no_point(best):
    tuned = choose(along(away_from(best), PATH, RHO, PARENTS))
    assert tuned.fit.params == {"rho": 2.0**best} and len(tuned.grid) == tuned.initial_points == 10
    assert tuned.edges == tuned.limits == tuned.warnings == []


@pytest.mark.parametrize(("best", "count"), [(0, 4), (-1, 4), (-3, 4), (9, 4), (12, 4)])
def test_a_choice_at_an_end_adds_points_at_the_steps_of_the_axis(best, count):
    tuned = choose(along(away_from(best), PATH, RHO, PARENTS))
    assert tuned.fit.params["rho"] == pytest.approx(2.0**best)
    assert (len(tuned.grid), tuned.initial_points) == (10 + count, 10)
    added = [point["params"]["rho"] for point in tuned.grid[10:]]
    expected = [2.0 ** (9 + k) if best > 5 else 2.0**-k for k in range(1, count + 1)]
    assert added == pytest.approx(expected)
    assert tuned.edges == tuned.limits == []


def test_no_axis_is_extended_beyond_the_allowed_number_of_points():
    tuned = choose(along(lambda params: 100.0 + np.log2(params["rho"]), PATH, RHO, PARENTS))
    assert len(tuned.grid) == 15 and tuned.chosen == 14
    assert len(tuned.edges) == 1 and "rho" in tuned.edges[0] and "low" in tuned.edges[0]
    assert tuned.warnings == tuned.edges and tuned.limits == []


def test_added_points_start_from_the_point_before_them():
    method = along(away_from(-3), PATH, RHO, PARENTS)
    tuned = choose(method)
    assert [point["parent"] for point in tuned.grid[10:]] == [9, 10, 11, 12]
    for child in tuned.grid[10:]:
        before = tuned.grid[child["parent"]]["params"]
        assert method.warm[tuple(child["params"].values())] == pytest.approx(constant(away_from(-3)(before)))
    # Where the grid has no paths, neither have the added points.
    method = along(away_from(-3), PATH, RHO)
    assert choose(method).fit.params["rho"] == pytest.approx(2.0**-3)
    assert all(start is None for start in method.warm.values())


def test_no_point_starts_from_an_added_point_that_did_not_converge():
    method = along(away_from(-4), PATH, RHO, PARENTS, lambda params: not 0.2 < params["rho"] < 0.6)
    choose(method)
    assert method.warm[(2.0**-4,)] == pytest.approx(constant(away_from(-4)({"rho": 0.125})))
    assert method.warm[(2.0**-3,)] == pytest.approx(constant(away_from(-4)({"rho": 1.0})))


def test_a_limit_that_the_method_declares_is_not_passed():
    def limit(problem, params, fit, end):
        return "as low as possible" if end == "low" and params["rho"] == 1.0 else None

    tuned = choose(along(away_from(-3), PATH, (Axis("rho", limit=limit),), PARENTS))
    assert tuned.fit.params == {"rho": 1.0} and len(tuned.grid) == 10
    assert tuned.edges == tuned.warnings == []
    assert len(tuned.limits) == 1 and "as low as possible" in tuned.limits[0]


@pytest.mark.parametrize("end", ["low", "high"])
def test_an_end_where_the_fit_no_longer_changes_is_a_natural_limit(end):
    """Zero weights at strong regularization: the first of equal points wins, and no point is added."""
    sign = 1.0 if end == "high" else -1.0

    def flat(params):
        beyond = sign * (np.log2(params["rho"]) - 4.5) > 2.0
        return 0.0 if beyond else 100.0

    tuned = choose(along(flat, PATH, RHO, PARENTS))
    assert tuned.edges == [] and len(tuned.grid) == 10
    # Ties go to the stronger regularization: at the weak end that is inside the grid.
    assert tuned.fit.params == {"rho": 2.0**9 if end == "high" else 4.0}
    assert len(tuned.limits) == (1 if end == "high" else 0)


def test_a_slow_gain_at_an_end_is_a_limit_only_below_the_tolerance():
    split = make_split()
    scale = np.linalg.norm(split.validation.y) / np.sqrt(len(split.validation.y))
    for step, count in ((0.5e-4, 10), (2e-4, 15)):
        method = along(lambda params, step=step: 100.0 + step * scale * np.log2(params["rho"]), PATH, RHO)
        tuned = choose(method, split)
        assert len(tuned.grid) == count and bool(tuned.limits) == (count == 10)


GRAPH = (Axis("lam"), Axis("mu", relative_to="lam"))
SQUARE = [{"lam": 2.0**i, "mu": 2.0**i * 4.0**j} for i in range(5, -1, -1) for j in range(4, -1, -1)]


@pytest.mark.parametrize("best", [(3, 2), (0, 2), (-2, 2), (-2, 5), (7, -2), (5, 4)])
def test_two_axes_are_searched_together(best):
    """lam and mu / lam; the choice has neighbours on both axes in the end."""

    def values(params):
        i, j = np.log2(params["lam"]), np.log2(params["mu"] / params["lam"]) / 2.0
        return 100.0 * (1.0 + abs(i - best[0]) + abs(j - best[1]))

    tuned = choose(along(values, SQUARE, GRAPH))
    lam = 2.0 ** best[0]
    assert tuned.fit.params == pytest.approx({"lam": lam, "mu": lam * 4.0 ** best[1]})
    assert tuned.edges == []
    tried = [(point["params"]["lam"], point["params"]["mu"]) for point in tuned.grid]
    for factor in (0.5, 2.0):
        assert any(each == pytest.approx((lam * factor, lam * factor * 4.0 ** best[1])) for each in tried)
    for factor in (0.25, 4.0):
        assert any(each == pytest.approx((lam, lam * factor * 4.0 ** best[1])) for each in tried)
    assert len(set(tried)) == len(tried) <= 45
    assert (len(tried) == 30) == (best == (3, 2))


def test_ends_are_judged_within_one_value_of_the_other_hyper_parameters():
    """k = 2 has larger rho than k = 1, so the smallest rho of k = 2 is inside the range of all points."""
    params = [{"k": 1, "rho": 2.0**p} for p in range(4, -1, -1)]
    params += [{"k": 2, "rho": 2.0**p} for p in range(7, 2, -1)]

    def values(point):
        return 100.0 * (1.0 + 5 * (point["k"] == 1) + abs(np.log2(point["rho"]) - 1.0))

    tuned = choose(along(values, params, RHO))
    assert tuned.fit.params == pytest.approx({"k": 2, "rho": 2.0})
    assert [point["params"]["k"] for point in tuned.grid[10:]] == [2] * 4


def test_an_end_of_fixed_values_is_reported_unless_the_method_calls_it_a_limit():
    params = [{"k": k, "rho": 2.0**p} for k in (2, 3, 5) for p in range(4, -1, -1)]

    def limit(problem, point, fit, end):
        return "one less than the tasks" if (end, point["k"]) == ("high", 5) else None

    axes = (Axis("k", limit=limit, fixed=True), *RHO)
    for best, edges, limits in ((2, 1, 0), (3, 0, 0), (5, 0, 1)):
        values = {
            "values": lambda p, best=best: 100.0 * (1.0 + (p["k"] != best) + abs(np.log2(p["rho"]) - 2.0))
        }
        tuned = choose(along(**values, params=params, axes=axes))
        assert tuned.fit.params == {"k": best, "rho": 4.0} and len(tuned.grid) == 15
        assert (len(tuned.edges), len(tuned.limits)) == (edges, limits)


@pytest.mark.parametrize(("best", "count"), [(1, 16), (2, 16), (3, 12), (4, 16), (8, 16), (20, 16)])
def test_a_method_adds_values_to_its_fixed_axis(best, count):
    """k in 2, 3, 4 with four values of rho each; 1 and 8 are natural limits."""
    params = [{"k": k, "rho": 2.0**p} for k in (2, 3, 4) for p in range(4, 0, -1)]

    def limit(problem, point, fit, end):
        return "no other k" if point["k"] == {"low": 1, "high": 8}[end] else None

    def values(point):
        return 100.0 * (1.0 + abs(np.log2(point["k"]) - np.log2(best)) + abs(np.log2(point["rho"]) - 2.0))

    def extend(problem, context, options, point, end, count):
        k = point["k"] - 1 if end == "low" else 2 * point["k"]
        return [Point({"k": k, "rho": 2.0**p}) for p in range(4, 4 - count, -1)]

    method = along(values, params, (Axis("k", limit=limit, fixed=True), *RHO))
    method.extend = extend
    tuned = choose(method)
    assert len(tuned.grid) == count and tuned.fit.params == {"k": min(best, 8), "rho": 4.0}
    assert bool(tuned.limits) == (best in (1, 8, 20)) and not tuned.edges


def test_weights_that_all_overflow_extend_nothing():
    tuned = choose(along(lambda params: np.inf, PATH, RHO))
    assert len(tuned.grid) == 10 and tuned.chosen == 0


def test_an_axis_with_one_value_has_no_end():
    tuned = choose(along(lambda params: 1.0, [{"rho": 1.0}], RHO))
    assert tuned.edges == tuned.limits == [] and len(tuned.grid) == 1


# Real methods


def test_tasks_that_give_nothing_by_definition_are_named():
    split = make_split()
    y = split.train.y.copy()
    y[TRAIN_ROWS : 2 * TRAIN_ROWS] = 0.0
    changed = replace(split, train=replace(split.train, y=y))
    for name, count in (("amtl", 1), ("amtl-imbalanced", 1), ("amtl-curriculum", 1), ("amtl-noloss", 0)):
        tuned = tune(METHODS[name], changed, "squared", n_points=6)
        assert sum("t1" in text for text in tuned.warnings) == count
        assert not any("t1" in text for text in tune(METHODS[name], split, "squared", n_points=6).warnings)
        assert count == 0 or not tuned.fit.B[1].any()


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_refit_uses_train_and_validation_together(fit_loss):
    split = make_split(refit=True)
    tuned, same = (
        tune(stl.SPEC, data, "squared", {"fit_loss": fit_loss})
        for data in (split, replace(split, refit=False))
    )
    assert tuned.fit.params == same.fit.params and tuned.chosen == same.chosen
    for t in range(4):
        rows = slice(12 * t, 12 * t + 12), slice(20 * t, 20 * t + 20)
        X, y = (
            np.concatenate([getattr(split.train, name)[rows[0]], getattr(split.validation, name)[rows[1]]])
            for name in ("X", "y")
        )
        rho = tuned.fit.params["rho"] * (32 if fit_loss == "mean" else 1)
        exact = np.linalg.solve(X.T @ X + rho * np.eye(5), X.T @ y)
        assert tuned.fit.W[:, t] == pytest.approx(exact, abs=1e-6)
        assert np.abs(same.fit.W[:, t] - exact).max() > 1e-3


def test_refit_of_shared_rows():
    split = make_split("one-vs-rest", refit=True)
    tuned = tune(stl.SPEC, split, "squared")
    X = np.concatenate([split.train.X, split.validation.X])
    labels = np.concatenate([split.train.y, split.validation.y])
    Y = np.where(labels[:, None] == np.arange(4), 1.0, -1.0)
    exact = np.linalg.solve(X.T @ X + tuned.fit.params["rho"] * np.eye(5), X.T @ Y)
    assert tuned.fit.W == pytest.approx(exact, abs=1e-6)


def test_refit_starts_from_refitted_single_tasks():
    split = make_split(refit=True)
    method = stub([constant(2.0)], init=stl.SPEC)
    choose(method, split)
    single = tune(stl.SPEC, split, "squared")
    assert method.order == [0, 0] and method.starts[0].warm is None
    assert method.starts[0].init == pytest.approx(single.fit.W, abs=1e-7)


def poisoned(split):
    return replace(split, test=replace(split.test, X=1e12 * split.test.X, y=split.test.y * 0.0))


CASES = [(name, kind) for name in METHODS for kind in METHODS[name].applies_to]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_tuning_ignores_the_test_part_and_is_reproducible_to_the_byte(name, kind):
    method = METHODS[name]
    split = make_split(kind)
    loss = "squared" if kind == "regression" else "logistic"
    first, again = (tune(method, data, loss, n_points=12) for data in (split, poisoned(split)))
    assert again.chosen == first.chosen and again.fit.params == first.fit.params
    assert again.fit.W.tobytes() == first.fit.W.tobytes()
    for field in ("validation_metric", "validation_loss", "objective", "iterations", "residual"):
        assert [point[field] for point in again.grid] == [point[field] for point in first.grid]


@pytest.mark.parametrize("name", STARTED)
def test_tuned_single_task_weights_are_optimal_at_the_largest_mu(name):
    """At lam = rho and the largest mu of the grid no edge enters, so the start is the solution already."""
    method = METHODS[name]
    problem = problem_from_part(make_split().train, "regression", 4, "squared")
    context, options = context_of(problem), options_of(method)
    points = method.grid(problem, context, options, 60)
    if {*points[0].params} - {"sigma"} != {"lam", "mu"}:
        pytest.skip(f"{name} has no (lam, mu) grid of a graph")
    dearest = max(points, key=lambda point: point.params["mu"] / point.params["lam"]).params
    mu = 1.0001 * dearest["mu"] / dearest["lam"] * context.init_rho
    fit = method.fit(problem, {**dearest, "lam": context.init_rho, "mu": mu}, context, options)
    assert not fit.B.any() and fit.W == pytest.approx(context.init, abs=1e-6)


@pytest.mark.parametrize("name", ["amtl", "amtl-imbalanced", "go-mtl", "msmtfl", "stl"])
@pytest.mark.parametrize("n_parts", [2, 4, 30])
def test_a_grid_that_was_fitted_in_parts_gives_the_same_bits(name, n_parts):
    given = load("methods", name), make_split(), "squared", None, 12, 1e-6, 100, 0
    whole = tune(*given)
    first = fit_paths(*given, 0, n_parts)
    parts = [first, *(fit_paths(*given, part, n_parts, first) for part in range(1, n_parts))]
    points = [k for part in parts for k in part.fits]
    assert sorted(points) == list(range(whole.initial_points))

    def never(*arguments):
        raise AssertionError("a fit that is known was made again")

    fits = whole.initial_points == len(whole.grid)
    spec = replace(given[0], fit=never) if fits else given[0]
    divided = tune(spec, *given[1:], known=Known.joined(parts))
    np.testing.assert_array_equal(divided.fit.W, whole.fit.W)
    unlike = [{key: each[key] for key in each if key != "seconds"} for each in divided.grid]
    assert unlike == [{key: each[key] for key in each if key != "seconds"} for each in whole.grid]
    assert (divided.chosen, divided.warnings, divided.limits) == (whole.chosen, whole.warnings, whole.limits)


@pytest.mark.parametrize(("part", "n_parts"), [(-1, 3), (3, 3), (0, 1), (0, 0)])
def test_a_part_that_a_grid_does_not_have_is_an_error(part, n_parts):
    with pytest.raises(InputError, match="part"):
        fit_paths(stl.SPEC, make_split(), "squared", None, 12, 1e-6, 100, 0, part, n_parts)


def test_paths_that_part_are_dealt_out_and_start_from_the_first_part():
    """AMTL's paths leave one row of the grid in both directions."""
    given = load("methods", "amtl"), make_split(), "squared", None, 12, 1e-6, 100, 0
    sizes = [len(fit_paths(*given, part, 3).fits) for part in range(3)]
    assert sizes == [4, 4, 4]

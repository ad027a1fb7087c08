"""The grids: their ends, their sizes and their paths of warm starts."""

import numpy as np
import pytest

from amtl.methods import _grids as grids
from amtl.methods._fit import Context, Fit
from amtl.methods.graph import _joint, amtl, amtl_imbalanced, smtl
from amtl.methods.latent import go_mtl, sc_mtl
from amtl.methods.single import stl
from amtl.model_selection import tune
from amtl.problem import problem_from_part
from helpers.problems import options_of, random_split, related_problem, single_task


def test_geometric_values_have_one_ratio():
    assert grids.geometric(8.0, 1.0, 4) == pytest.approx([8.0, 4.0, 2.0, 1.0])
    assert grids.geometric(8.0, 1.0, 1) == [8.0]


@pytest.mark.parametrize(
    ("n_points", "sizes"), [(60, (10, 6)), (24, (6, 4)), (15, (5, 3)), (7, (7, 1)), (1, (1, 1))]
)
def test_two_axes_are_as_close_to_five_by_three_as_divisors_allow(n_points, sizes):
    assert grids.two_axes(n_points) == sizes


def test_ridge_weights_span_six_decades_from_five_times_the_curvature():
    points = grids.ridge_grid(2.0, 7)
    assert [point.params["rho"] for point in points] == pytest.approx([10.0**-k for k in range(-1, 6)])
    assert [point.parent for point in points] == [None, 0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("shared", [False, True])
def test_largest_curvature_is_the_largest_eigenvalue_of_a_hessian(shared):
    problem = related_problem(shared=shared)
    rows = [problem.X] if shared else problem.X
    expected = max(np.linalg.eigvalsh(2.0 * X.T @ X)[-1] for X in rows)
    assert grids.largest_curvature(problem) == pytest.approx(expected)


def test_graph_grid_runs_outwards_from_the_tuned_single_tasks():
    problem = related_problem()
    context = Context(init=single_task(problem, 2.0), init_rho=2.0)
    points = _joint.graph_grid(problem, context, np.ones(5), 60)
    lams = np.array([point.params["lam"] for point in points]).reshape(6, 10)
    ratios = np.array([point.params["mu"] / point.params["lam"] for point in points]).reshape(6, 10)
    assert lams[:, 0] == pytest.approx(np.geomspace(60.0, 0.6, 6)) and (lams == lams[:, :1]).all()
    assert ratios == pytest.approx(np.tile(ratios[0, 0] * np.geomspace(1.0, 1e-3, 10), (6, 1)))
    base = int(np.argmin(np.abs(np.log(lams[:, 0] / 2.0))))
    parents = np.array([-1 if point.parent is None else point.parent for point in points]).reshape(6, 10)
    numbers = np.arange(60).reshape(6, 10)
    # Down in mu at the lam closest to rho, then outwards in lam at every mu / lam.
    assert parents[base].tolist() == [-1, *numbers[base, :-1]]
    assert (parents[:base] == numbers[1 : base + 1]).all()
    assert (parents[base + 1 :] == numbers[base:-1]).all()


def test_price_of_an_edge_is_the_summed_loss_over_a_power_of_the_rows():
    start = single_task(related_problem())
    for fit_loss in ("sum", "mean"):
        problem = related_problem(fit_loss=fit_loss)
        summed = problem.mean_losses(start) * problem.n
        context = Context(init=start, validation_loss=np.arange(1.0, 6.0))
        price = _joint.edge_price(problem, context, 1.5, "train")
        assert price.factor * problem.losses(start) == pytest.approx(summed / problem.n**1.5)
        assert price.at_start == pytest.approx(summed / problem.n**1.5)
        fixed = _joint.edge_price(problem, context, 1.5, "validation")
        assert fixed.factor is None and np.array_equal(fixed.fixed, fixed.at_start)
        assert fixed.fixed == pytest.approx(np.arange(1.0, 6.0) / np.sqrt(problem.n))


def test_every_sigma_has_a_grid_of_its_own_scale():
    problem = related_problem()
    context = Context(init=single_task(problem), init_rho=4.0)
    points = amtl_imbalanced.grid(problem, context, options_of(amtl_imbalanced.SPEC), 60)
    for sigma, own in zip((2.0, 1.5, 1.0), (points[:20], points[20:40], points[40:]), strict=True):
        assert {point.params["sigma"] for point in own} == {sigma}
        price = _joint.edge_price(problem, context, sigma, "train").at_start
        alone = _joint.graph_grid(problem, context, price, 20, 0.1)
        assert [point.params["mu"] for point in own] == [point.params["mu"] for point in alone]


@pytest.mark.parametrize("scaled", ["price", "loss"])
def test_imbalanced_on_equal_rows_is_amtl(scaled):
    """The same grid, paths and fits, to the bit, for every option of AMTL that it has, and as printed."""
    for given in ({}, {"ridge": 0.0}, {"delta": "validation"}):
        split = random_split("regression", 3, 1.0 + 0.3 * np.ones((5, 4)), [12] * 4, [0.5, 4.0, 0.5, 4.0])
        theirs = tune(amtl.SPEC, split, "squared", given, n_points=12)
        ours = tune(amtl_imbalanced.SPEC, split, "squared", {**given, "scaled": scaled}, n_points=12)
        assert (ours.same_as, theirs.same_as) == ("amtl", None)
        assert (
            ours.fit.W.tobytes() == theirs.fit.W.tobytes() and ours.fit.B.tobytes() == theirs.fit.B.tobytes()
        )
        assert [(p["params"]["lam"], p["params"]["mu"], p["parent"]) for p in ours.grid] == [
            (p["params"]["lam"], p["params"]["mu"], p["parent"]) for p in theirs.grid
        ]
        assert (ours.chosen, len(ours.edges)) == (theirs.chosen, len(theirs.edges))


def test_imbalanced_on_unequal_rows_is_not_amtl():
    split = random_split("regression", 3, np.ones((5, 4)), [12, 12, 12, 13], 1.0)
    tuned = tune(amtl_imbalanced.SPEC, split, "squared", n_points=12)
    assert tuned.same_as is None
    assert {point["params"]["sigma"] for point in tuned.grid} == {1.0, 1.5, 2.0}


def test_a_larger_sigma_has_a_grid_like_the_others():
    problem = related_problem()
    context = Context(init=single_task(problem), init_rho=4.0)
    options = options_of(amtl_imbalanced.SPEC)
    first = amtl_imbalanced.grid(problem, context, options, 60)[:20]
    more = amtl_imbalanced.extend(problem, context, options, first[-1].params, "high", 20)
    assert {point.params["sigma"] for point in more} == {2.5}
    assert [point.parent for point in more] == [point.parent for point in first]


def test_sigma_ends_where_only_the_tasks_with_the_most_rows_give():
    split = random_split("regression", 3, np.ones((5, 4)), [12, 12, 12, 13], 1.0)
    problem = problem_from_part(split.train, "regression", 4, "squared")
    sigma, B = amtl_imbalanced.SPEC.axes[0], np.zeros((4, 4))
    fit, params = Fit(np.zeros((5, 4)), [0.0], 0, True, 0.0, B=B), {"sigma": 2.0}
    B[3, 0] = 0.5
    assert sigma.natural_limit(problem, params, fit, "high") and sigma.natural_limit(
        problem, params, fit, "low"
    )
    B[1, 2] = 0.5
    assert sigma.natural_limit(problem, params, fit, "high") is None


@pytest.mark.parametrize("seed", range(6))
def test_sigma_is_chosen_inside_its_grid_or_the_record_says_why(seed):
    split = random_split("regression", seed, np.ones((5, 4)), [4, 6, 12, 30], 3.0)
    tuned = tune(amtl_imbalanced.SPEC, split, "squared", n_points=12)
    tried = {point["params"]["sigma"] for point in tuned.grid}
    inside = min(tried) < tuned.fit.params["sigma"] < max(tried)
    assert inside != any(text.startswith("sigma ") for text in (*tuned.edges, *tuned.limits))


def test_imbalanced_as_printed_has_one_grid_at_the_scale_of_its_losses():
    split = random_split("regression", 3, np.ones((5, 4)), [12, 12, 12, 48], 1.0)
    printed = tune(amtl_imbalanced.SPEC, split, "squared", {"scaled": "loss"}, n_points=12)
    assert {point["params"]["sigma"] for point in printed.grid} == {0.5} and printed.same_as is None
    rho = tune(stl.SPEC, split, "squared", n_points=12).fit.params["rho"]
    highest = max(point["params"]["lam"] for point in printed.grid[:12])
    assert highest == pytest.approx(30.0 * rho * np.prod([12.0, 12.0, 12.0, 48.0]) ** (-0.5 / 4))


def test_smtl_with_a_psd_graph_is_stl():
    split = random_split("regression", 3, np.ones((5, 4)), [12, 12, 12, 13], 1.0)
    ours = tune(smtl.SPEC, split, "squared", {"variant": "psd"})
    theirs = tune(stl.SPEC, split, "squared")
    assert ours.same_as == "stl" and ours.fit.W.tobytes() == theirs.fit.W.tobytes()
    assert tune(smtl.SPEC, split, "squared", n_points=6).same_as is None


def test_latent_grids_are_scaled_by_the_tuned_weights():
    problem = related_problem()
    W = single_task(problem)
    context = Context(init=W, init_rho=4.0)
    points = sc_mtl.grid(problem, context, {"restarts": 1}, 60)
    alphas = [point.params["alpha"] for point in points if point.params["k"] == 2]
    norm = np.linalg.norm(W, axis=0).max()
    assert (alphas[0], alphas[-1]) == pytest.approx((0.2 * norm, 3.0 * norm))
    strengths = [
        p.params["mu"] for p in go_mtl.grid(problem, context, {"restarts": 1}, 60) if p.params["k"] == 2
    ]
    # At the middle strength the best scale of L and S costs as much as the ridge penalty of W.
    L = np.linalg.svd(W)[0][:, :2]
    sums = np.abs(L.T @ W).sum(axis=1)
    middle = np.sqrt(strengths[0] * strengths[-1])
    scale = (middle * sums / (2.0 * middle)) ** (1.0 / 3.0)
    cost = middle * np.sum(sums / scale) + middle * np.sum(scale**2)
    assert cost == pytest.approx(4.0 * np.sum(W**2)) and strengths[0] == pytest.approx(100.0 * strengths[-1])


def test_alpha_has_positive_values_for_zero_weights():
    problem = related_problem()
    points = sc_mtl.grid(problem, Context(init=np.zeros((7, 5)), init_rho=1.0), {"restarts": 1}, 60)
    assert all(point.params["alpha"] > 0.0 for point in points)

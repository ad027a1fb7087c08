"""What the methods with a penalty of `amtl.penalties` share: their grids, their fit and what it shows."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import geometric, two_axes
from amtl.solvers.proximal import minimize_composite, null_gradient
from amtl.solvers.reweighted import minimize_reweighted, minimize_stages

# Decades from the largest useful strength down to the smallest.
STRENGTH_DECADES = 3.5
# The same for capped penalties, which do not shrink what is above the cap: weak ones have no effect left.
CAPPED_DECADES = 2.0
# The strength of a weak penalty, relative to the largest useful one, and the accuracy of its solution.
WEAK_SHARE, WEAK_TOLERANCE, WEAK_MIN_ITERATIONS = 1e-2, 1e-4, 200
# The caps run from the largest size in the weak solution down, over these decades.
CAP_DECADES = 1.0
# The ratio of the strengths of two starts, and the accuracy to which starts are compared.
START_RATIO, ROUGH_TOLERANCE = 3.0, 1e-3
# A constant is no feature to be selected or to be measured against others.
DEFAULTS = {"intercept": "free"}
# A part of a task counts as zero below this share of the largest one of any task.
ZERO_SHARE = 1e-8


def strength_path(top, n_points, decades=STRENGTH_DECADES):
    """Return strengths from `top` down."""
    # Without any slope in the data every strength gives the model without features.
    top = top if top > 0.0 else 1.0
    return geometric(top, top * 10.0**-decades, n_points)


def path_of(params):
    """Return the points of a path, each of which starts from the one before."""
    return [Point(each, None if k == 0 else k - 1) for k, each in enumerate(params)]


def ratio_grid(name, values, top, n_points):
    """Return a path of ``lam`` for every value of the hyper-parameter `name`.

    values : function of the number of values, which returns them. top : function of a value, which returns
    the largest useful strength.
    """
    count, others = two_axes(n_points)
    points = []
    for value in values(others):
        first = len(points)
        for k, lam in enumerate(strength_path(top(value), count)):
            points.append(Point({"lam": lam, name: value}, None if k == 0 else first + k - 1))
    return points


def cap_grid(problem, top, largest, n_points):
    """Return a path of ``lam`` for every cap ``tau``, the largest of which is `largest`."""
    count, caps = two_axes(n_points)
    largest = largest if largest > 0.0 else 1.0
    caps = geometric(largest, largest * 10.0**-CAP_DECADES, caps)
    points = []
    for lam in strength_path(top, count, CAPPED_DECADES):
        before = len(points) - len(caps)
        points += [
            Point({"lam": lam, "tau": tau}, before + k if before >= 0 else None) for k, tau in enumerate(caps)
        ]
    return points


def between(low, high, count):
    """Return `count` values strictly between low and high, evenly spaced in their logarithm."""
    if not low < high:
        return [float(low)]
    return [float(v) for v in np.geomspace(low, high, count + 2)[1:-1]]


def no_features(problem, params, fit, end):
    """Return why no larger strength is useful, or None: the limit of every axis of strengths."""
    none = end == "high" and not fit.W[: int(problem.penalized.sum())].any()
    return "no feature is used" if none else None


def one_part(problem, params, fit, end):
    """Return why no ratio beyond the first and the last is useful: the limit of the axis of ratios."""
    return "beyond the range of ratios, one part is zero"


def fit_penalty(problem, penalty, context, coupling=None, **learned):
    """Return the fit with a penalty.

    coupling : Q (T, T), for the term tr(W Q W') of the penalized weights, or None.
    learned : {name: function of the penalized weights (p, T), or of the parts (m, p, T)}.
    """
    start = problem.null_weights if context.warm is None else context.warm
    minimum = minimize_composite(
        problem,
        penalty,
        start,
        context.tolerance,
        context.max_iterations,
        context.learned.get("parts"),
        coupling,
    )
    minimum.W = problem.fill_intercepts(minimum.W)
    stack = minimum.state
    weights = stack if len(stack) > 1 else stack[0]
    return fit_from_minimum(minimum, learned={name: show(weights) for name, show in learned.items()})


def one_penalty(penalty, name, **learned):
    """Return the fields of a `MethodSpec` that minimizes sum_t F_t(w_t) + lam penalty(W).

    penalty : a class of `amtl.penalties`, made from lam. name : what it is called. learned : as for
    `fit_penalty`.
    """

    def grid(problem, context, options, n_points):
        """Return a path of lam from the largest useful one down."""
        top = penalty(1.0).largest(null_gradient(problem))
        return path_of([{"lam": lam} for lam in strength_path(top, n_points)])

    def fit(problem, params, context, options):
        """Minimize over W."""
        return fit_penalty(problem, penalty(params["lam"]), context, **learned)

    return {
        "grid": grid,
        "fit": fit,
        "hyperparameters": {"lam": f"Strength of the {name}."},
        "axes": (Axis("lam", limit=no_features),),
        "defaults": DEFAULTS,
        "iterative": True,
        "learns": tuple(learned),
    }


def fit_stages(problem, majorizer, value, first, context, options, **learned):
    """Return the fit with a penalty that is not convex: the best of several starts.

    The first start is the minimum with the convex penalty `first`, the next ones have a third of its
    strength, three times its strength, a ninth, and so on. A solution that the fit is given is kept. The
    other starts run to `ROUGH_TOLERANCE`, and on only if they are better there.

    With ``options["stages"]`` there is one start, and so many stages. The weights of all stages are kept.

    majorizer, value, first : as for `minimize_reweighted`; `first` is a function of the factor.
    """
    warm = problem.null_weights if context.warm is None else context.warm
    limit = context.max_iterations
    if options.get("stages"):
        steps = options["stages"], context.tolerance, limit
        best, stages = minimize_stages(problem, majorizer, value, warm, first(1.0), *steps)
        shown = {name: show(best.state[0]) for name, show in learned.items()}
        return fit_from_minimum(best, learned={**shown, "stages": stages})
    keep = context.warm is not None
    best = minimize_reweighted(problem, majorizer, value, warm, first(1.0), context.tolerance, limit, keep)
    objectives = [best.trace[-1]]
    given = keep and best.W is context.warm
    for number in range(1, 1 if given else options["restarts"]):
        power = number // 2 if number % 2 == 0 else -(number + 1) // 2
        start, rough = first(START_RATIO**power), max(ROUGH_TOLERANCE, context.tolerance)
        other = minimize_reweighted(problem, majorizer, value, best.W, start, rough, limit, keep=False)
        if other.trace[-1] < best.trace[-1]:
            other = minimize_reweighted(problem, majorizer, value, other.W, None, context.tolerance, limit)
        objectives.append(other.trace[-1])
        best = min(best, other, key=lambda minimum: minimum.trace[-1])
    shown = {name: show(best.state[0]) for name, show in learned.items()}
    return fit_from_minimum(best, learned=shown, restarts=objectives)


def weak_solution(problem, penalty, context):
    """Return the penalized weights (p, T) with a weak convex penalty, roughly: the scale of caps."""
    iterations = max(context.max_iterations, WEAK_MIN_ITERATIONS)
    return minimize_composite(problem, penalty, problem.null_weights, WEAK_TOLERANCE, iterations).state[0]


def never(options):
    """Return False: the `rotation_invariant` of methods that look at single features."""
    return False


def support(W):
    """Return whether any task uses the feature (p,)."""
    return W.any(axis=1)


def singular_values(W):
    """Return the singular values, the largest first."""
    return np.linalg.svd(W, compute_uv=False)


def parts(stack):
    """Return the parts as they are."""
    return stack


def outliers(stack):
    """Return the tasks (T,) that have weights of their own in the second part."""
    sizes = np.linalg.norm(stack[1], axis=0)
    return sizes > ZERO_SHARE * max(float(np.linalg.norm(stack.sum(axis=0), axis=0).max()), 1e-300)

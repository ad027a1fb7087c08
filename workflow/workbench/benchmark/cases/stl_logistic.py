"""STL with the logistic loss, compared with scikit-learn's LogisticRegression solvers, task by task."""

from workbench.benchmark import data, single
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, TOLERANCES, Answer, Contender, per_task

SOLVERS = ("lbfgs", "newton-cg", "newton-cholesky", "liblinear", "sag", "saga")


def settings(sources):
    """Return the problem at the tuned ridge weight and at 30 times and a thirtieth of it."""
    split, _ = data.read_source(sources["usps"])
    _, rho = data.tuned_stl(split, "logistic")
    arrays = data.arrays(split, "logistic")
    return {name: arrays | {"rho": value} for name, value in data.scaled("tuned", rho).items()}


def contenders(given):
    """Return ours and scikit-learn's, whose objective is C sum log-loss + ||w||^2 / 2, C = 1 / (2 rho)."""
    return [single.ours(given), *(_sklearn(given, solver) for solver in SOLVERS)]


def _sklearn(given, solver):
    def make():
        from sklearn.linear_model import LogisticRegression

        C = 1.0 / (2.0 * given["rho"])

        def run(tolerance, limit):
            iterations = []

            def solve(X, y):
                model = LogisticRegression(
                    solver=solver,
                    C=C,
                    tol=tolerance,
                    fit_intercept=False,
                    max_iter=MAX_ITERATIONS,
                    random_state=0,
                )
                model.fit(X, y)
                iterations.append(int(model.n_iter_.max()))
                return model.coef_[0]

            W = per_task(solve, *data.rows(given))
            return Answer(W, {"iterations": sum(iterations)})

        return run

    return Contender(f"scikit-learn {solver}", make, levels=TOLERANCES)


SPEC = CaseSpec(
    title="STL, logistic",
    convex=True,
    datasets=("usps",),
    settings=settings,
    contenders=contenders,
    judge=single.judge,
)

"""The lasso, task by task in the alternatives."""

from amtl.methods.single.lasso import SPEC as LASSO
from amtl.penalties import L1
from workbench.benchmark import sparse
from workbench.benchmark._spec import CaseSpec

SIZE = sparse.SIZE
PENALTY = sparse.one_strength(L1)


def settings(sources):
    """Return the problems with shared rows and with own rows."""
    return sparse.settings(sources, "squared", PENALTY, size=SIZE)


def contenders(given):
    """Return ours and the lasso of four packages."""
    alpha = {"alpha": lambda n: given["lam"] / (2.0 * n)}
    return [
        sparse.ours(LASSO, given, PENALTY),
        sparse.per_response(
            given, "scikit-learn Lasso", sparse.estimator("sklearn.linear_model", "Lasso", **alpha)
        ),
        sparse.per_response(
            given, "celer celer_path", sparse.celer_path("celer_path", given["lam"], pb="lasso"), "celer"
        ),
        sparse.per_response(given, "skglm Lasso", sparse.estimator("skglm", "Lasso", **alpha), "skglm"),
        sparse.per_response(given, "adelie grpnet", sparse.adelie(given["lam"]), "adelie"),
    ]


SPEC = CaseSpec(
    title="Lasso",
    convex=True,
    datasets=("school", "usps"),
    settings=settings,
    contenders=contenders,
    judge=sparse.judge(PENALTY),
)

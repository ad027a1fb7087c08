"""The multi-task elastic net on shared rows. The ridge is a tenth of the strength of the norm."""

from amtl.methods.features.elastic_net import SPEC as ELASTIC_NET
from amtl.penalties import ElasticNet
from workbench.benchmark import sparse
from workbench.benchmark._spec import CaseSpec

RIDGE_SHARE = 0.1
SIZE = sparse.SIZE
PENALTY = sparse.Penalty(
    lambda given: ElasticNet(given["lam"], given["ridge"]),
    lambda largest, share: {"lam": share * largest, "ridge": RIDGE_SHARE * share * largest},
)


def settings(sources):
    """Return the problems."""
    return sparse.settings(sources, "squared", PENALTY, size=SIZE)


def contenders(given):
    """Return ours and the elastic net of three packages."""
    half, ridge = 0.5 * given["lam"], given["ridge"]
    share = half / (half + ridge)
    whole = {"alpha": lambda n: (half + ridge) / n, "l1_ratio": lambda n: share}
    # adelie's ridge has a factor of one half.
    norm = given["lam"] + 2.0 * ridge
    return [
        sparse.ours(ELASTIC_NET, given, PENALTY),
        sparse.together(
            given,
            "scikit-learn MultiTaskElasticNet",
            sparse.estimator("sklearn.linear_model", "MultiTaskElasticNet", **whole),
        ),
        sparse.together(
            given,
            "adelie grpnet",
            sparse.adelie(norm, share=given["lam"] / norm),
            "adelie",
        ),
    ]


SPEC = CaseSpec(
    title="Multi-task elastic net",
    convex=True,
    datasets=("usps",),
    settings=settings,
    contenders=contenders,
    judge=sparse.judge(PENALTY),
)

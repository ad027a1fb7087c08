"""The statements on optimisation: known fronts, and the share of conflicts from made-up fits."""

import numpy as np
import pytest

from amtl.networks.balancing import direction
from helpers.made_up_results import write
from workbench.papers import verdicts
from workbench.papers.results import Results
from workbench.papers.verdicts import CONTRADICTED, INCONCLUSIVE, REPRODUCED, conclude
from workbench.papers.yu2024 import fronts, networks

CHECKS = 4


def test_static_weights_end_at_the_ends_of_a_concave_front_and_mgda_everywhere():
    static, mgda = (fronts.concave_coverage(0, name) for name in ("static", "mgda"))
    # The two ends are two of ten parts.
    assert static == 20.0 and mgda >= 80.0


def test_the_limit_of_mgda_minimizes_a_weighted_sum_of_convex_losses():
    assert 0.0 <= fronts.stationary_gap(0) < 1e-8


def test_the_shares_are_those_of_the_rule():
    random = np.random.default_rng(0)
    A, B = random.normal(size=(2, 20, 3))
    shares = fronts.mgda_shares(A, B)
    for a, b, share in zip(A, B, shares[:, 0], strict=True):
        assert share * a + (1 - share) * b == pytest.approx(direction("mgda", np.stack([a, b])))


def test_s13_is_reproduced(tmp_path):
    finding = conclude(networks.scalarization_misses(None))
    assert finding.verdict == REPRODUCED and len(finding.parts) == 3


def with_conflicts(tmp_path, shares, datasets=networks.BUNDLED, spread=0.01):
    """Return the finding on S12. shares : {method: share of conflicts}; 0.5 for those that are missing."""
    fits, errors = {}, {}
    for dataset in datasets:
        errors[dataset] = {}
        for method in (networks.EQUAL, *networks.SURGERY, *networks.OTHERS):
            share = shares.get(method, 0.5)
            curves = [np.full(CHECKS, share + spread * (-1) ** k) for k in range(4)]
            if method == networks.EQUAL:
                curves = [np.full(CHECKS, share)] * 4
            learned = [{"conflicts": curve} for curve in curves]
            fits[dataset, method] = {"learned": learned}
            errors[dataset][method] = 10
    run, inputs = write(tmp_path, errors, fits=fits)
    return verdicts.judge_claim(networks.STATEMENTS["S12"], Results(run, inputs))


@pytest.mark.parametrize(
    ("share", "spread", "verdict"),
    [
        (0.5, 0.01, REPRODUCED),
        (0.6, 0.01, REPRODUCED),
        (0.48, 0.005, REPRODUCED),
        (0.3, 0.01, CONTRADICTED),
        (0.45, 0.05, INCONCLUSIVE),
    ],
)
def test_s12_asks_for_less_than_five_points(tmp_path, share, spread, verdict):
    shares = dict.fromkeys(networks.SURGERY, share)
    assert with_conflicts(tmp_path, shares, spread=spread).verdict == verdict


def test_other_methods_do_not_decide_s12(tmp_path):
    finding = with_conflicts(tmp_path, {"net-nash": 0.1})
    assert finding.verdict == REPRODUCED
    details = [part for part in finding.parts if not part.counts]
    assert any(part.effect.mean == pytest.approx(-40.0, abs=1.0) for part in details)


def test_a_dataset_that_the_run_has_counts(tmp_path):
    finding = with_conflicts(tmp_path, {}, datasets=(*networks.BUNDLED, "landmine"))
    assert sum(part.counts for part in finding.parts) == 9

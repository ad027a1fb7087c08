"""Every verdict of every claim on 2MTL, from made-up results whose verdict is known."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.made_up_results import write
from workbench.papers.sun_2mtl import claims
from workbench.papers.sun_2mtl.claims import CLAIMS, SolverResults
from workbench.papers.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    OUTCOMES,
    REPRODUCED,
    judge_claim,
)
from workbench.report import render
from workbench.report.tables import claims_2mtl, evidence_2mtl

SPLITS = 4
TASKS, CLUSTERS = 4, 2
RULES = (claims.SECOND, claims.FIRST)
# Alternates from split to split by more than any effect here.
NOISE = [5.0, -5.0] * (SPLITS // 2)


def study(gaps=(0.5,) * 10, slow=(3.0,) * 10, tasks=TASKS, seconds=0.1, bound=None, diverged=False):
    """Return a comparison of solvers.

    gaps, slow : gap in % after every pass of the longest fit, of 2MTL-F and of first-order steps. seconds :
    of a pass.
    """
    traces = {
        solver: [
            {"pass": k, "seconds": seconds * k, "gap": gap / 100.0} for k, gap in enumerate(each, start=1)
        ]
        for solver, each in zip(RULES, (gaps, slow), strict=True)
    }
    runs = [
        {"solver": solver, "passes": k, "seconds": seconds * k, "gap": trace[k - 1]["gap"], "diverged": None}
        for solver, trace in traces.items()
        for k in (1, 2, 5, 10)
    ]
    if diverged:
        traces[claims.SECOND] = []
        runs = [
            run | ({"gap": None, "diverged": "pass 1"} if run["solver"] == claims.SECOND else {})
            for run in runs
        ]
    optimum = {"objective": 1.0, "gradient": 1e-9, "seconds": 1.0, "iterations": 9}
    return {"tasks": tasks, "optimum": optimum, "runs": runs, "traces": traces, "bound": bound}


def results(folder, errors=None, studies=None, similarity=None, passes=None):
    """Return (run, inputs) of a made-up run.

    errors : {dataset: {method: error of every split}}. studies : {dataset: comparison of every split}.
    similarity : of the learned similarities within clusters and between them. passes : {method: passes}.
    """
    errors, studies = errors or {}, studies or {}
    wanted = {d: {m: 0.0 for m in errors.get(d, {claims.SINGLE: 0})} for d in {**errors, **studies}}
    fits = {}
    if similarity is not None:
        fits = {
            (d, m): {
                "learned": {"similarity": of_clusters(*similarity)},
                "tasks": tuple("1234"),
                "losses": np.ones(4),
            }
            for d, methods in errors.items()
            for m in methods
        }
    run, inputs = write(folder, wanted, fits=fits, splits=SPLITS)
    rows = [
        f"{d},{k},{m},all,error,{each[k - 1]}"
        for d, methods in errors.items()
        for m, each in methods.items()
        for k in range(1, SPLITS + 1)
    ]
    rows += [
        f"{d},{k},{m},all,iterations,{each}"
        for d in errors
        for m, each in (passes or {}).items()
        for k in range(1, SPLITS + 1)
    ]
    head = inputs["scores"].read_text(encoding="utf-8").splitlines()[0]
    inputs["scores"].write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    run = replace(run, datasets=tuple(replace(d, options={"clusters": CLUSTERS}) for d in run.datasets))
    inputs["solvers"] = {(d, k): each[k - 1] for d, each in studies.items() for k in range(1, SPLITS + 1)}
    return run, inputs


def of_clusters(within, between):
    cluster = np.arange(TASKS) * CLUSTERS // TASKS
    return np.where(cluster[:, None] == cluster, within, between)


def finding(folder, key, **made_up):
    return judge_claim(CLAIMS[key], SolverResults(*results(folder, **made_up)))


def on_all(make, datasets=claims.DATASETS):
    """Return {dataset: comparison of every split}; make : function (number of the split from 0)."""
    return {"studies": {d: [make(k) for k in range(SPLITS)] for d in datasets}}


def with_gap(first, noisy=0.0, **facts):
    return lambda k: study(gaps=[first + noisy * (-1) ** k] * 10, **facts)


def errors_of(datasets=claims.DATASETS, noise=0.0, **methods):
    """Return the errors of methods on datasets, a number for every split; noise : that of 2MTL."""
    found = {name.replace("_", "-"): error for name, error in methods.items()}
    return {
        "errors": {
            d: {
                m: [error + 0.1 * k + noise * NOISE[k] * (m == claims.LEARNED) for k in range(SPLITS)]
                for m, error in found.items()
            }
            for d in datasets
        }
    }


def pairs_of_clusters(within, between, **kept):
    return errors_of(claims.GENERATED, two_mtl=10, single=20, **kept) | {"similarity": (within, between)}


def accelerated(error, settled, passes, noise=0.0):
    made_up = errors_of(two_mtl=error, two_mtl_settled=settled, noise=noise)
    return made_up | {"passes": dict(zip((claims.LEARNED, claims.SETTLED), passes, strict=True))}


def sizes(exponent, noisy=0.0):
    """Return comparisons of 10, 20 and 40 tasks, whose seconds of a pass grow with an exponent."""
    return {
        "studies": {
            d: [study(tasks=n, seconds=n ** (exponent + noisy * (-1) ** k)) for k in range(SPLITS)]
            for d, n in zip(claims.SIZES, (10, 20, 40), strict=True)
        }
    }


def ratios(measured, noisy=0.0):
    def make(k):
        return study(bound={"measured": measured + noisy * (-1) ** k, "bound": 0.5, "beta": 0.9})

    return on_all(make, claims.WITH_BOUND)


SOME = claims.DATASETS[:2]
CASES = [
    ("M1", REPRODUCED, on_all(with_gap(0.5))),
    ("M1", CONTRADICTED, on_all(with_gap(2.0))),
    ("M1", INCONCLUSIVE, on_all(with_gap(0.5, noisy=2.0))),
    ("M1", INCONCLUSIVE, on_all(with_gap(0.5), SOME)),
    ("M1", NOT_TESTED, errors_of(two_mtl=10)),
    ("M1", NOT_TESTED, on_all(with_gap(0.5, diverged=True))),
    # The gaps of first-order steps stay at 3 %: eleven passes.
    ("M2", REPRODUCED, on_all(with_gap(0.05))),
    ("M2", CONTRADICTED, on_all(lambda k: study(gaps=[3.0] * 10, slow=[0.05] * 10))),
    ("M2", INCONCLUSIVE, on_all(with_gap(0.5))),
    ("M2", NOT_TESTED, on_all(with_gap(0.5, diverged=True))),
    ("M3", REPRODUCED, errors_of(two_mtl=10, single=20, merged=15)),
    ("M3", CONTRADICTED, errors_of(two_mtl=10, single=20, merged=9)),
    ("M3", INCONCLUSIVE, errors_of(two_mtl=10, single=11, merged=11, noise=1.0)),
    ("M3", INCONCLUSIVE, errors_of(two_mtl=10, single=20)),
    ("M3", NOT_TESTED, errors_of(single=20, merged=15)),
    ("M4", REPRODUCED, pairs_of_clusters(0.9, 0.1)),
    ("M4", CONTRADICTED, pairs_of_clusters(0.1, 0.9)),
    ("M4", INCONCLUSIVE, pairs_of_clusters(0.9, 0.1) | {"errors": errors_of(SOME, two_mtl=10)["errors"]}),
    ("M4", NOT_TESTED, errors_of(claims.GENERATED, single=20)),
    ("M5", REPRODUCED, accelerated(10.2, 10.0, (10, 40))),
    ("M5", CONTRADICTED, accelerated(12.0, 10.0, (10, 40))),
    ("M5", CONTRADICTED, accelerated(10.0, 10.0, (40, 10))),
    ("M5", INCONCLUSIVE, accelerated(10.0, 10.0, (10, 40), noise=1.0)),
    ("M5", NOT_TESTED, errors_of(two_mtl=10)),
    ("M6", REPRODUCED, ratios(0.4)),
    ("M6", CONTRADICTED, ratios(0.6)),
    ("M6", INCONCLUSIVE, ratios(0.49, noisy=0.2)),
    ("M6", NOT_TESTED, on_all(with_gap(0.5), claims.WITH_BOUND)),
    ("M7", REPRODUCED, errors_of(two_mtl=10, single=20)),
    ("M7", CONTRADICTED, errors_of(two_mtl=20, single=10)),
    ("M7", INCONCLUSIVE, errors_of(claims.UNSTRUCTURED, two_mtl=10, single=20)),
    ("M7", NOT_TESTED, errors_of(single=20)),
    ("M8", REPRODUCED, sizes(2.0)),
    ("M8", CONTRADICTED, sizes(1.0)),
    ("M8", INCONCLUSIVE, sizes(2.0, noisy=0.6)),
    ("M8", NOT_TESTED, on_all(with_gap(0.5), claims.SIZES[:1])),
]


@pytest.mark.parametrize(("key", "verdict", "made_up"), CASES)
def test_the_verdict_on_known_results(tmp_path, key, verdict, made_up):
    found = finding(tmp_path, key, **made_up)
    assert found.verdict == verdict, found.reason


def test_every_verdict_is_reached_for_every_claim():
    assert {case[:2] for case in CASES} == {(key, verdict) for key in CLAIMS for verdict in OUTCOMES}


def test_passes_are_counted_to_the_gap(tmp_path):
    gaps, slow = [5.0, 0.5] + [0.05] * 8, [50.0] * 4 + [0.9] * 6
    found = finding(tmp_path, "M2", **on_all(lambda k: study(gaps, slow), SOME))
    passes = [part.effect.mean for part in found.parts if part.counts and part.effect is not None]
    # To 1 %: pass 5 against 2. To 0.1 %: eleven, as it was not reached, against 3.
    assert passes == pytest.approx([3.0, 8.0] * len(SOME))
    seconds = [part.effect.mean for part in found.parts if not part.counts and part.effect is not None]
    assert seconds == pytest.approx([0.3, 0.8] * len(SOME))


def test_the_tables_show_every_claim(tmp_path):
    run, inputs = results(tmp_path, **errors_of(two_mtl=10, single=20, merged=15), **on_all(with_gap(0.5)))
    table = claims_2mtl.build(run, inputs)
    assert [record["claim"] for record in table.records] == list(CLAIMS)
    evidence = evidence_2mtl.build(run, inputs)
    assert {record["claim"] for record in evidence.records} == set(CLAIMS)
    assert render.to_markdown(table) and render.to_markdown(evidence)

"""Every verdict of every statement of the survey, from made-up results whose verdict is known."""

import numpy as np
import pytest

from amtl.solvers import relation
from helpers.made_up_results import make_split, write, write_split
from workbench import config
from workbench.papers.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_JUDGED,
    NOT_TESTED,
    OUTCOMES,
    REPRODUCED,
    judge_claim,
)
from workbench.papers.yu2024 import measures
from workbench.papers.yu2024 import statements as survey
from workbench.papers.yu2024.statements import STATEMENTS
from workbench.report import render
from workbench.report._inputs import Inputs
from workbench.report.tables import statement_evidence, statements

SPLITS = 4
TRUTH = np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
# The half of the spread of numbers that decide nothing.
SPREAD = 0.5


def results(folder, fits, errors=None, tasks=None, times=None, splits=(), count=SPLITS):
    """Return (run, `Inputs`) of a made-up run.

    fits : as in `write`; a method has the error 10 unless `errors` {(dataset, method): wanted} gives another.
    splits : {dataset: what `make_split` takes, the truth by default}.
    """
    wanted = {}
    for (dataset, method), value in ({place: 10 for place in fits} | (errors or {})).items():
        wanted.setdefault(dataset, {})[method] = value
    run, inputs = write(folder, wanted, tasks, fits, times, splits=count)
    written = [
        write_split(
            folder / dataset / f"split{k}.npz",
            make_split(dataset, k, **{"rows": (2, 2), "truth": TRUTH, **facts}),
        )
        for dataset, facts in dict(splits).items()
        for k in range(1, count + 1)
    ]
    return run, Inputs({**inputs, "splits": written})


def finding(folder, key, **made_up):
    run, inputs = results(folder, **made_up)
    return judge_claim(STATEMENTS[key], measures.SurveyResults(run, inputs))


def by_split(number, noisy=False):
    """Return a number for each split: the same, or one that varies."""
    return [number + (SPREAD if k % 2 else -SPREAD) * noisy for k in range(SPLITS)]


def weights(error, noisy=False):
    """Return the fit with an estimation error."""
    return {"W": [TRUTH * (1.0 + each) for each in by_split(error, noisy)]}


def of_weights(table, noisy=()):
    """Return results of {dataset: {method: estimation error}}; noisy : methods whose errors vary."""
    fits = {(d, m): weights(e, m in noisy) for d, row in table.items() for m, e in row.items()}
    return {"fits": fits, "splits": {dataset: {} for dataset in table}}


def overlaps(lasso, linf1, dirty=None):
    """Return the errors for S1 and S2, one of each overlap."""
    names = ("s1-overlap-0", "s1-overlap-30", "s1-overlap-50", "s1-overlap-80", "s1-overlap-100")
    table = {d: {"lasso": a, "linf1": b} for d, a, b in zip(names, lasso, linf1, strict=True)}
    for name, error in zip(names, dirty or (), strict=bool(dirty)):
        table[name]["dirty"] = error
    return table


FLAT, RISING = (1.0, 1.0, 1.0, 1.0, 1.0), (1.5, 1.3, 1.1, 0.9, 0.7)
BEST, ENDS = (1.0, 0.9, 0.9, 0.8, 0.7), (1.04, 0.9, 0.9, 0.8, 0.72)


def cmtl(W, k):
    """Return results for S3: fits of CMTL at weights W."""
    params = {"k": k, "rho1": 2.0, "rho2": 0.5}
    return {"fits": {("s3-clusters", "cmtl"): {"W": W, "params": params}}}


def singular_values(trace, ramusa):
    """Return results for S4: the learned singular values in % of the true ones, 4 and 3."""
    named = {"trace-norm": trace, "ramusa": ramusa}
    fits = {
        ("s4-low-rank", m): {"learned": [{"singular_values": np.array([4.0, 3.0]) * x / 100} for x in each]}
        for m, each in named.items()
    }
    return {"fits": fits, "splits": {"s4-low-rank": {}}}


def stages(*errors, noisy=False):
    """Return results for S5: the estimation error after each stage."""
    learned = [
        {
            "stages": np.array(
                [TRUTH[:-1] * (1.0 + e + (SPREAD * (-1) ** (k + i)) * noisy) for i, e in enumerate(errors)]
            )
        }
        for k in range(SPLITS)
    ]
    return {"fits": {("s5-sparse", "msmtfl-stages"): {"learned": learned}}, "splits": {"s5-sparse": {}}}


def outliers(flagged, error, datasets=survey.OUTLIERS):
    """Return results for S6: the tasks that are called outliers, the last of four is one, and the errors.

    error : of the robust methods on the other tasks; it is 20 without a part for outliers.
    """
    fits, tasks = {}, {}
    for dataset in datasets:
        for method in ("robust", "rmtfl"):
            fits[dataset, method] = {"learned": {"outliers": np.array(flagged)}}
        tasks[dataset] = {m: [error] * 3 + [99] for m in ("robust", "rmtfl")}
        tasks[dataset] |= {m: [20] * 3 + [10] for m in ("trace-norm", "l21")}
    plain = {(dataset, m): 10 for dataset in datasets for m in ("trace-norm", "l21")}
    split = {"rows": (2,) * 4, "truth": None, "meta": {"outliers": [False, False, False, True]}}
    return {"fits": fits, "errors": plain, "tasks": tasks, "splits": {d: split for d in datasets}}


def selection(sparse, dense):
    """Return results for S7: the error of L21 with plenty of rows; that of STL is 20."""
    named = {"s7-sparse-400-rows": sparse, "s7-dense-400-rows": dense}
    errors = {(d, m): e for d, l21 in named.items() for m, e in (("stl", 20), ("l21", l21))}
    return {"fits": {}, "errors": errors}


def supports(few, plenty):
    """Return results for S8: the supports of eight splits with few rows, and with plenty; four are given."""
    named = {"s7-sparse-10-rows": few, "s7-sparse-400-rows": plenty}
    return {
        "fits": {
            (dataset, "l21"): {
                "learned": [{"support": np.array([c == "1" for c in each])} for each in found * 2]
            }
            for dataset, found in named.items()
        },
        "count": 8,
    }


def gap(datasets, **training):
    """Return results for S9 and S10: the training RMSE of methods; the test error of all is 10."""
    fits = {
        (dataset, method.replace("_", "-")): {
            "losses": [np.full(12, x**2) for x in (each if isinstance(each, list) else by_split(each))]
        }
        for dataset in datasets
        for method, each in training.items()
    }
    return {"fits": fits}


def cells(error, methods=("overlapped-trace", "latent-trace"), noisy=False):
    """Return results for S11: a grid of 2 x 2 tasks without the last cell.

    The targets of the last cell are 5 and the features 1; the mean of all weights predicts 1. error : of the
    tensor methods on it.
    """
    split = make_split("any", 1, (2,) * 4, 1, truth=None)
    test = type(split.test)(np.ones((8, 1)), np.full(8, 5.0), split.test.offsets)
    common = {"tasks": ("1", "2", "3"), "losses": np.ones(3), "W": np.ones((1, 3))}
    fits = {("s11-tensor-hidden", m): dict(common) for m in ("mean", "pooled")}
    for m in methods:
        learned = [{"cells": np.array([[1.0, 1.0, 1.0, 5.0 - each]])} for each in by_split(error, noisy)]
        fits["s11-tensor-hidden", m] = {**common, "learned": learned}
    facts = {"rows": (2,) * 4, "width": 1, "truth": None, "test": test}
    return {"fits": fits, "errors": {("s11-tensor", "mean"): 10}, "splits": {"s11-tensor": facts}}


RANDOM = np.random.default_rng(0).normal(size=(5, 4))
ALIKE, APART = ["1100", "1100", "0011", "0011"], ["1100", "0011", "1010", "0101"]
HALF = ["1100", "1110", "1100", "0011"]

CASES = [
    ("S1", REPRODUCED, of_weights(overlaps(FLAT, RISING))),
    ("S1", INCONCLUSIVE, of_weights(overlaps(FLAT, RISING), noisy=["linf1"])),
    # The overlap does not matter: one of the two sides is wrong.
    ("S1", CONTRADICTED, of_weights(overlaps(FLAT, (0.9,) * 5))),
    ("S1", CONTRADICTED, of_weights(overlaps(FLAT, (1.1,) * 5))),
    ("S1", INCONCLUSIVE, of_weights({"s1-overlap-30": {"lasso": 1.0, "linf1": 1.3}})),
    ("S1", NOT_TESTED, of_weights({"s1-overlap-30": {"lasso": 1.0}})),
    ("S2", REPRODUCED, of_weights(overlaps(FLAT, RISING, BEST))),
    # At the ends it may be worse by less than 5 %.
    ("S2", REPRODUCED, of_weights(overlaps(FLAT, RISING, ENDS))),
    ("S2", CONTRADICTED, of_weights(overlaps(FLAT, RISING, (1.06, *BEST[1:])))),
    ("S2", CONTRADICTED, of_weights(overlaps(FLAT, RISING, (1.0, 1.01, 0.9, 0.8, 0.7)))),
    ("S2", INCONCLUSIVE, of_weights(overlaps(FLAT, RISING, BEST), noisy=["dirty"])),
    ("S2", NOT_TESTED, of_weights(overlaps(FLAT, RISING))),
    *(("S3", REPRODUCED, cmtl(RANDOM, k)) for k in (1, 2, 3, 4)),
    ("S3", NOT_TESTED, {"fits": {("s3-clusters", "cmtl-hard"): {"W": RANDOM}}}),
    ("S4", REPRODUCED, singular_values([80] * 4, [95] * 4)),
    ("S4", INCONCLUSIVE, singular_values([80] * 4, [95, 70, 95, 70])),
    ("S4", CONTRADICTED, singular_values([80] * 4, [75] * 4)),
    ("S4", NOT_TESTED, {"fits": {("s4-low-rank", "ramusa"): {"learned": {"singular_values": np.ones(2)}}}}),
    ("S5", REPRODUCED, stages(1.0, 0.8, 0.7)),
    ("S5", INCONCLUSIVE, stages(1.0, 0.8, 0.7, noisy=True)),
    ("S5", CONTRADICTED, stages(1.0, 0.8, 0.9)),
    # Only two of three stages.
    ("S5", INCONCLUSIVE, stages(1.0, 0.8)),
    ("S5", NOT_TESTED, {"fits": {("s5-sparse", "msmtfl"): weights(1.0)}, "splits": {"s5-sparse": {}}}),
    ("S6", REPRODUCED, outliers([0, 0, 0, 1], 19)),
    # All tasks are called outliers.
    ("S6", CONTRADICTED, outliers([1, 1, 1, 1], 19)),
    # F1 is 2/3: above half of the way from 2/5 to 1 would be 7/10.
    ("S6", CONTRADICTED, outliers([0, 0, 1, 1], 19)),
    ("S6", CONTRADICTED, outliers([0, 0, 0, 1], 21)),
    ("S6", INCONCLUSIVE, outliers([0, 0, 0, 1], (19, 3))),
    ("S6", INCONCLUSIVE, outliers([0, 0, 0, 1], 19, survey.OUTLIERS[:2])),
    ("S6", NOT_TESTED, {"fits": {}, "errors": {("s6-outliers-2", "stl"): 10}}),
    ("S7", REPRODUCED, selection(19, 21)),
    ("S7", REPRODUCED, selection(21, 21)),
    ("S7", INCONCLUSIVE, selection(19, (21, 4))),
    ("S7", CONTRADICTED, selection(19, 19)),
    ("S7", NOT_TESTED, {"fits": {}, "errors": {("s7-sparse-400-rows", "stl"): 20}}),
    ("S8", REPRODUCED, supports(APART, ALIKE)),
    ("S8", CONTRADICTED, supports(ALIKE, APART)),
    ("S8", INCONCLUSIVE, supports(APART, HALF)),
    ("S8", NOT_TESTED, {"fits": {("s7-sparse-10-rows", "l21"): {"learned": {"support": np.ones(4)}}}}),
    ("S9", REPRODUCED, gap(survey.RELATED, mtrl=6.0, spats=7.0, mean_regularized=8.0)),
    ("S9", CONTRADICTED, gap(survey.RELATED, mtrl=6.0, spats=9.0, mean_regularized=8.0)),
    ("S9", INCONCLUSIVE, gap(survey.RELATED, mtrl=6.0, spats=[6.0, 9.0, 6.0, 9.0], mean_regularized=8.0)),
    ("S9", INCONCLUSIVE, gap(survey.RELATED, mtrl=6.0, mean_regularized=8.0)),
    ("S9", NOT_TESTED, gap(survey.RELATED, mtrl=6.0)),
    ("S10", REPRODUCED, gap(survey.MANY_TASKS, mtrl=6.0, spats=8.0)),
    ("S10", CONTRADICTED, gap(survey.MANY_TASKS, mtrl=8.0, spats=6.0)),
    ("S10", INCONCLUSIVE, gap(survey.MANY_TASKS, mtrl=7.0, spats=[6.0, 9.0, 6.0, 9.0])),
    ("S10", INCONCLUSIVE, gap(survey.MANY_TASKS[:1], mtrl=6.0, spats=8.0)),
    ("S10", NOT_TESTED, gap(survey.MANY_TASKS, mtrl=8.0)),
    ("S11", REPRODUCED, cells(3.0)),
    # One of the two methods is missing.
    ("S11", INCONCLUSIVE, cells(3.0, ["latent-trace"])),
    ("S11", INCONCLUSIVE, cells(3.9, noisy=True)),
    ("S11", CONTRADICTED, cells(4.5)),
    ("S11", NOT_TESTED, cells(3.0, [])),
]


@pytest.mark.parametrize(("key", "verdict", "made_up"), CASES)
def test_the_verdict_on_known_results(tmp_path, key, verdict, made_up):
    found = finding(tmp_path, key, **made_up)
    assert found.verdict == verdict, found.reason


def test_every_verdict_is_reached_for_every_statement():
    # S3 is an identity, which no weights contradict; S14 has no verdict.
    missing = {("S3", CONTRADICTED), ("S3", INCONCLUSIVE)}
    wanted = {(key, verdict) for key, claim in STATEMENTS.items() if claim.judged for verdict in OUTCOMES}
    assert {(key, verdict) for key, verdict, _ in CASES} == wanted - missing


def test_s3_compares_two_evaluations(tmp_path, monkeypatch):
    class Wrong(relation.Clustered):
        def matrix(self, W):
            return super().matrix(W) * (1.0 if W.shape[1] == 4 else 1.01)

    monkeypatch.setattr(relation, "Clustered", Wrong)
    assert finding(tmp_path, "S3", **cmtl(RANDOM, 2)).verdict == CONTRADICTED


def test_one_split_decides_nothing(tmp_path):
    found = finding(tmp_path, "S10", count=1, **gap(survey.MANY_TASKS, mtrl=6.0, spats=8.0))
    assert found.verdict == NOT_TESTED and "one split" in found.reason


def test_school_counts_where_the_run_has_it(tmp_path):
    datasets = (*survey.MANY_TASKS, survey.SCHOOL)
    both = gap(survey.MANY_TASKS, mtrl=6.0, spats=8.0)["fits"]
    school = gap([survey.SCHOOL], mtrl=8.0, spats=6.0)["fits"]
    found = finding(tmp_path, "S10", fits=both | school)
    assert found.verdict == CONTRADICTED and len(found.parts) == len(datasets)


def test_the_gap_is_in_percent_of_the_test_error(tmp_path):
    found = finding(tmp_path, "S10", **gap(survey.MANY_TASKS, mtrl=6.0, spats=8.0))
    # The errors are 10 + 0.1 k of splits 1 to 4.
    assert found.weakest.effect.mean == pytest.approx(100 * 2 / 10.25)


def test_only_cells_without_rows_are_judged(tmp_path):
    found = finding(tmp_path, "S11", **cells(3.0))
    # The mean predictor errs by 4 on the empty cell.
    assert found.weakest.effect.mean == pytest.approx(25.0)


def test_s14_measures_the_exponent_and_has_no_verdict(tmp_path):
    fits = {}
    for dataset, size in zip(survey.SIZES, (8, 16, 32), strict=True):
        for method, exponent in (("cmtl", 2.0), ("cmtl-hard", 1.0)):
            # One point of the grid is slow whatever the number of tasks.
            grid = ({"seconds": 1e-3 * size**exponent},) * 2 + ({"seconds": 99.0},)
            fits[dataset, method] = {"losses": np.ones(size), "grid": grid}
    found = finding(tmp_path, "S14", fits=fits)
    assert found.verdict == NOT_JUDGED
    assert [part.effect.mean for part in found.parts] == pytest.approx([2.0, 1.0])


def test_s14_on_one_number_of_tasks_has_no_effect(tmp_path):
    found = finding(tmp_path, "S14", fits={("s14-8-tasks", "cmtl"): {"losses": np.ones(8)}})
    assert found.verdict == NOT_JUDGED and found.weakest is None


def test_a_fit_that_did_not_converge_is_named(tmp_path):
    made_up = gap(survey.MANY_TASKS, mtrl=6.0, spats=8.0)
    run, inputs = results(tmp_path, **made_up)
    path, table = inputs["scores"], inputs["scores"].read_text(encoding="utf-8")
    path.write_text(table + f"{survey.MANY_TASKS[0]},1,mtrl,all,converged,0.0\n")
    found = judge_claim(STATEMENTS["S10"], measures.SurveyResults(run, inputs))
    assert found.reason.count("fits that did not converge") == 1


def test_supports_are_compared_in_disjoint_pairs(tmp_path):
    run, inputs = results(tmp_path, **supports(HALF, ALIKE))
    found = measures.jaccard(measures.SurveyResults(run, inputs), "s7-sparse-10-rows", "l21")
    assert found == pytest.approx({1: 100 * 2 / 3, 3: 0.0, 5: 100 * 2 / 3, 7: 0.0})


def test_the_table_has_one_row_per_statement(tmp_path):
    run, inputs = results(tmp_path, **of_weights(overlaps(FLAT, RISING, BEST)))
    table = statements.build(run, inputs)
    (_, rows), *others = table.blocks
    assert [row[0] for row in rows] == list(STATEMENTS) and not others
    verdicts = {record["claim"]: record["verdict"] for record in table.records}
    assert verdicts["S1"] == REPRODUCED and verdicts["S4"] == NOT_TESTED and verdicts["S14"] == NOT_JUDGED
    evidence = statement_evidence.build(run, inputs)
    assert sum(record["claim"] == "S2" for record in evidence.records) == 8
    for made, name in ((table, "table"), (evidence, "evidence")):
        render.write(made, [tmp_path / f"{name}.{suffix}" for suffix in ("csv", "md", "tex", "html")])


def test_the_tables_apply_to_a_run_with_a_dataset_of_a_statement(tmp_path):
    ours, _ = results(tmp_path / "ours", **gap(survey.MANY_TASKS[:1], mtrl=1.0))
    other, _ = results(tmp_path / "other", **gap(["one-group"], mtrl=1.0))
    for module in (statements, statement_evidence):
        assert module.SPEC.applies(ours) and not module.SPEC.applies(other)


def test_the_configuration_has_what_the_statements_read(project):
    files = [project / "config" / name for name in ("config.yaml", "statements.yaml")]
    content = config.normalise(config.read(files))
    assert set(survey.DATASETS) == set(content["run"]["datasets"])
    used = {name for dataset in survey.DATASETS for name in content["datasets"][dataset]["methods"]}
    assert used == set(content["run"]["methods"])
    assert content["methods"]["msmtfl-stages"]["options"]["stages"] == survey.STAGES

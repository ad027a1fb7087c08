"""Every verdict of every claim, from made-up results whose verdict is known; every bound on both sides."""

import csv
import io

import numpy as np
import pytest
from scipy.stats import t as student

from amtl.datasets import two_groups
from amtl.errors import InputError
from helpers.made_up_results import dataset, method, run_of, write
from workbench import plugins
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.lee2016.claims import CLAIMS, fits_read
from workbench.papers.results import Results
from workbench.papers.verdicts import (
    CONTRADICTS,
    HOLDS,
    INCONCLUSIVE,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    OPPOSITE,
    REPRODUCED,
    UNTESTED,
    conclude,
)
from workbench.report import render
from workbench.report._inputs import Inputs

EASY = np.array(two_groups.DIFFICULTY) == "easy"
GROUP = np.array(two_groups.GROUP)
TWO, THREE = ("synthetic", "mnist"), ("synthetic", "mnist", "school")


def findings(folder, claim, splits=4, **made_up):
    run, inputs = write(folder, splits=splits, **made_up)
    return conclude(CLAIMS[claim].examine(Results(run, inputs)))


def graph(*edges):
    """Return a graph (12, 12) from edges (s, t, weight)."""
    result = np.zeros((12, 12))
    for s, t, weight in edges:
        result[s, t] = weight
    return result


def flat(wanted, changed=None):
    """Return 12 values, all the same but those of `changed` {index: value}."""
    return [(changed or {}).get(t, wanted) for t in range(12)]


def curriculum(order, early, late):
    """Return results for C5: the order of training and the gain, in RMSE, of its first and second half."""
    errors = np.full(12, 20.0)
    errors[order[:6]] -= early
    errors[order[6:]] -= late
    return {
        "errors": {"synthetic": {"stl": 20, "amtl-curriculum": 20}},
        "tasks": {"synthetic": {"stl": flat(20), "amtl-curriculum": list(errors)}},
        "fits": {("synthetic", "amtl-curriculum"): {"order": np.array(order)}},
    }


def of_school(stl, amtl):
    """Return results for C8: STL, and AMTL and AMTL-Curriculum alike, on two datasets."""
    return {
        "errors": {d: {"stl": stl, "amtl": amtl, "amtl-curriculum": amtl} for d in ("synthetic", "school")}
    }


def digits(amtl, go_mtl):
    """Return results for C13: the errors of ten classes."""
    classes = {"stl": [20.0] * 10, "amtl": amtl, "go-mtl": go_mtl}
    return {"errors": {"mnist": dict.fromkeys(classes, 10)}, "tasks": {"mnist": classes}}


def edges_on_mnist(amtl, curriculum):
    """Return results for C14; losses rise with the number of the task."""
    fits = {("mnist", "amtl"): {"B": amtl}, ("mnist", "amtl-curriculum"): {"B": curriculum}}
    return {"errors": {"mnist": {"amtl": 10, "amtl-curriculum": 10}}, "fits": fits}


def on_synthetic(matrices):
    return {"errors": {"synthetic": {"amtl": 10}}, "fits": {("synthetic", "amtl"): {"B": matrices}}}


DECIDED_BY_LOSS, DECIDED_BY_SWAP = np.array([1.0, 2.0]), np.array([2.0, 1.0])
EDGE = np.array([[0.0, 0.5], [0.0, 0.0]])


def theorem(losses, **changes):
    """Return results for C16 with one edge from task 0 to task 1, which is cheaper turned round."""
    fit = {"B": EDGE, "W": np.array([[2.0, 1.0]]), "losses": losses, **changes}
    return {"errors": {"school": {"amtl": 10}}, "fits": {("school", "amtl"): fit}}


def imbalanced(**errors):
    return {"errors": {"imbalanced": {name.replace("_", "-"): x for name, x in errors.items()}}}


UP, DOWN = [19.0] * 10, [21.0] * 10
EASY_FIRST = [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11]
NOISY = (20, 4.0)

CASES = [
    ("C1", REPRODUCED, {"errors": {"synthetic": {"amtl": 15, "stl": 20, "mtfl": 18}}}),
    ("C1", OPPOSITE, {"errors": {"synthetic": {"amtl": 19, "stl": 20, "mtfl": 18}}}),
    ("C1", NOT_REPRODUCED, {"errors": {"synthetic": {"amtl": 15, "stl": 20, "mtfl": (15.1, 1.0)}}}),
    # The closest method is beaten; another one, with a larger mean error, is inconclusive.
    ("C1", NOT_REPRODUCED, {"errors": {"synthetic": {"amtl": 15, "stl": (17, 5), "mtfl": 16}}}),
    # The controls do not compete.
    ("C1", REPRODUCED, {"errors": {"synthetic": {"amtl": 15, "stl": 20, "oracle": 14, "pooled": 13}}}),
    ("C1", NOT_TESTABLE, {"errors": {"synthetic-authors": {"amtl": 15, "stl": 20}}}),
    ("C1", NOT_TESTABLE, {"errors": {"synthetic": {"amtl": 15}}}),
    ("C2", REPRODUCED, on_synthetic(graph((0, 3, 5.0), (3, 0, 0.1), (0, 1, 9.0)))),
    ("C2", NOT_REPRODUCED, on_synthetic(graph((0, 3, 5.0), (3, 0, 1.0)))),
    ("C2", NOT_REPRODUCED, on_synthetic(graph())),
    ("C2", OPPOSITE, on_synthetic(graph((0, 3, 1.0), (3, 0, 2.0)))),
    ("C2", NOT_TESTABLE, {"errors": {"synthetic": {"stl": 10}}}),
    ("C3", REPRODUCED, on_synthetic(graph((0, 3, 5.0), (6, 9, 5.0), (0, 9, 0.5)))),
    ("C3", NOT_REPRODUCED, on_synthetic(graph((0, 3, 5.0), (0, 9, 2.0)))),
    ("C3", OPPOSITE, on_synthetic(graph((0, 3, 1.0), (0, 9, 2.0)))),
    ("C3", NOT_TESTABLE, on_synthetic(graph())),
    ("C5", REPRODUCED, curriculum(EASY_FIRST, 0, 3)),
    ("C5", NOT_REPRODUCED, curriculum(EASY_FIRST, 0, -3)),
    ("C5", NOT_REPRODUCED, curriculum(EASY_FIRST, 2, 3)),
    ("C5", NOT_REPRODUCED, curriculum(np.arange(12), 0, 3)),
    ("C5", OPPOSITE, curriculum(EASY_FIRST[::-1], 2, -3)),
    ("C5", NOT_TESTABLE, {"errors": {"synthetic": {"stl": 20}}}),
    ("C6", REPRODUCED, {"errors": {"synthetic": {"stl": 20, "smtl": 20, "amtl-noloss": 21}}}),
    ("C6", REPRODUCED, {"errors": {"synthetic": {"stl": 20, "smtl": (19.5, 2.0)}}}),
    ("C6", NOT_REPRODUCED, {"errors": {"synthetic": {"stl": 20, "smtl": 20, "amtl-noloss": 19}}}),
    ("C6", OPPOSITE, {"errors": {"synthetic": {"stl": 20, "smtl": 19, "amtl-noloss": 19}}}),
    ("C6", NOT_TESTABLE, {"errors": {"synthetic": {"stl": 20}}}),
    ("C8", REPRODUCED, of_school(20, 19)),
    ("C8", NOT_REPRODUCED, of_school(20, (19.9, 1))),
    ("C8", NOT_REPRODUCED, {"errors": {"mnist": {"stl": 20, "amtl": 19, "amtl-curriculum": 21}}}),
    ("C8", OPPOSITE, of_school(20, 21)),
    # Neither a stand-in nor the imbalanced data count as a dataset of Table 1.
    ("C8", NOT_TESTABLE, {"errors": {"awa2": {"stl": 20, "amtl": 19}, "imbalanced": {"stl": 20, "amtl": 9}}}),
    ("C9", REPRODUCED, {"errors": {d: {"amtl": 10, "stl": 11, "smtl": 12} for d in ("mnist", "usps")}}),
    ("C9", NOT_REPRODUCED, {"errors": {"mnist": {"amtl": 9, "stl": 11}, "usps": {"amtl": 12, "stl": 11}}}),
    ("C9", OPPOSITE, {"errors": {d: {"amtl": 11, "stl": 10, "smtl": 12} for d in ("mnist", "usps")}}),
    ("C9", NOT_TESTABLE, {"errors": {"school": {"amtl": 10, "stl": 11}}}),
    ("C10", REPRODUCED, {"errors": {"school": {"go-mtl": 9, "amtl": 10}}}),
    ("C10", NOT_REPRODUCED, {"errors": {"school": {"go-mtl": (9.9, 1), "amtl": 10}}}),
    ("C10", OPPOSITE, {"errors": {"school": {"go-mtl": 11, "amtl": 10}}}),
    ("C10", NOT_TESTABLE, {"errors": {"school": {"amtl": 10}}}),
    ("C11", REPRODUCED, {"errors": {d: {"amtl": 9, "amtl-curriculum": 10} for d in THREE}}),
    ("C11", NOT_REPRODUCED, {"errors": {d: {"amtl": 9, "amtl-curriculum": (9.1, 1)} for d in TWO}}),
    ("C11", OPPOSITE, {"errors": {d: {"amtl": 11, "amtl-curriculum": 10} for d in TWO}}),
    ("C11", NOT_TESTABLE, {"errors": {"usps-authors": {"amtl": 11, "amtl-curriculum": 10}}}),
    ("C12", REPRODUCED, {"errors": {"awa": {"stl": 58, "mtfl": 65, "go-mtl": 62, "sc-mtl": 66}}}),
    ("C12", NOT_REPRODUCED, {"errors": {"awa": {"stl": 58, "mtfl": 65, "go-mtl": 57, "sc-mtl": 66}}}),
    ("C12", OPPOSITE, {"errors": {"awa": {"stl": 58, "mtfl": 55, "go-mtl": 52, "sc-mtl": 56}}}),
    ("C12", NOT_TESTABLE, {"errors": {"awa2": {"stl": 58, "mtfl": 65, "go-mtl": 62, "sc-mtl": 66}}}),
    ("C13", REPRODUCED, digits(UP, UP[:5] + DOWN[:5])),
    ("C13", NOT_REPRODUCED, digits(UP, UP)),
    ("C13", NOT_REPRODUCED, digits([*UP[:9], NOISY], UP[:5] + DOWN[:5])),
    ("C13", OPPOSITE, digits([*UP[:9], 21.0], DOWN)),
    ("C13", NOT_TESTABLE, {"errors": {"mnist": {"stl": 20}}}),
    ("C14", REPRODUCED, edges_on_mnist(graph((0, 5, 2.0), (5, 0, 1.0)), graph((0, 5, 2.0)))),
    ("C14", NOT_REPRODUCED, edges_on_mnist(graph((5, 0, 2.0)), graph((0, 5, 2.0)))),
    ("C14", NOT_REPRODUCED, edges_on_mnist(graph((0, 5, 2.0)), graph((0, 5, 2.0), (5, 0, 1.0)))),
    ("C14", OPPOSITE, edges_on_mnist(graph((5, 0, 2.0)), graph((5, 0, 2.0), (0, 5, 1.0)))),
    ("C14", NOT_TESTABLE, {"errors": {"mnist": {"stl": 20}}}),
    ("C15", REPRODUCED, imbalanced(stl=54, mtfl=55, go_mtl=56, amtl=53, amtl_imbalanced=52)),
    ("C15", NOT_REPRODUCED, imbalanced(stl=54, mtfl=55, go_mtl=56, amtl=53, amtl_imbalanced=53)),
    ("C15", NOT_REPRODUCED, imbalanced(stl=54, mtfl=53.5, go_mtl=56, amtl=53, amtl_imbalanced=52)),
    ("C15", OPPOSITE, imbalanced(stl=54, mtfl=53, go_mtl=53, amtl=55, amtl_imbalanced=56)),
    ("C15", NOT_TESTABLE, {"errors": {"synthetic": {"stl": 54, "amtl": 53}}}),
    ("C16", REPRODUCED, theorem(DECIDED_BY_LOSS)),
    ("C16", NOT_REPRODUCED, theorem([DECIDED_BY_SWAP, *[DECIDED_BY_LOSS] * 3])),
    ("C16", OPPOSITE, theorem(DECIDED_BY_SWAP)),
    ("C16", NOT_TESTABLE, theorem(DECIDED_BY_SWAP, converged=False)),
    ("C16", NOT_TESTABLE, theorem(DECIDED_BY_SWAP, options={"delta": "validation"})),
    ("C16", NOT_TESTABLE, theorem(DECIDED_BY_SWAP, B=0 * EDGE)),
]


def per_task(amtl, go_mtl):
    """Return results for C4: errors of twelve tasks, STL's are 20."""
    return {
        "errors": {"synthetic": {"stl": 20, "amtl": 20, "go-mtl": 20}},
        "tasks": {"synthetic": {"stl": flat(20), "amtl": flat(19, amtl), "go-mtl": flat(19, go_mtl)}},
    }


CASES += [
    ("C4", REPRODUCED, per_task({}, {0: 22, 7: 23})),
    # Four per cent is not much, and an interval that holds zero says nothing.
    ("C4", REPRODUCED, per_task({3: 20.8, 5: (22, 9)}, {0: 22, 7: 23})),
    ("C4", NOT_REPRODUCED, per_task({}, {0: 22})),
    ("C4", NOT_REPRODUCED, per_task({3: 22}, {0: 22, 7: 23})),
    ("C4", NOT_REPRODUCED, per_task({}, {})),
    ("C4", OPPOSITE, per_task({3: 22, 4: 22}, {})),
    ("C4", NOT_TESTABLE, {"errors": {"synthetic": {"stl": 20}}}),
]
SLOW, FAST = ("synthetic", "amtl"), ("synthetic", "amtl-curriculum")
BOTH = {"synthetic": {"amtl": 10, "amtl-curriculum": 10}}
CASES += [
    ("C7", REPRODUCED, {"errors": BOTH, "times": {SLOW: 20.0, FAST: 1.0}}),
    ("C7", NOT_REPRODUCED, {"errors": BOTH, "times": {SLOW: (10.0, 5.0), FAST: 10.0}}),
    ("C7", OPPOSITE, {"errors": BOTH, "times": {SLOW: 1.0, FAST: 20.0}}),
    ("C7", NOT_TESTABLE, {"errors": {"synthetic": {"amtl": 10}}, "times": {SLOW: 20.0}}),
]


@pytest.mark.parametrize(("claim", "verdict", "made_up"), CASES)
def test_the_verdict_on_known_results(tmp_path, claim, verdict, made_up):
    found = findings(tmp_path, claim, **made_up)
    assert found.verdict == verdict, found.reason


def test_every_verdict_is_reached_for_every_claim():
    reached = {(claim, verdict) for claim, verdict, _ in CASES}
    verdicts = (REPRODUCED, NOT_REPRODUCED, OPPOSITE, NOT_TESTABLE)
    assert reached == {(claim, verdict) for claim in CLAIMS for verdict in verdicts}
    assert list(CLAIMS) == [f"C{i}" for i in range(1, 17)]


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim not in ("C14", "C16")])
def test_one_split_decides_nothing(tmp_path, claim):
    made_up = next(given for name, verdict, given in CASES if (name, verdict) == (claim, REPRODUCED))
    found = findings(tmp_path, claim, splits=1, **made_up)
    assert found.verdict == NOT_TESTABLE and "one split" in found.reason


def test_the_effect_is_that_of_the_part_that_says_least(tmp_path):
    errors = {"synthetic": {"amtl": 10, "amtl-curriculum": 20}, "mnist": {"amtl": 20, "amtl-curriculum": 21}}
    found = findings(tmp_path, "C11", errors=errors)
    # 1 of a mean of 21.25: splits 1 to 4 add 0.1 k.
    assert found.weakest.name == "MNIST" and found.weakest.effect.mean == pytest.approx(100 / 21.25)
    assert found.reason.startswith("2 of 2 parts hold")
    assert "not tested: USPS (usps was not run), School (school" not in found.reason
    for missing in ("usps was not run", "school was not run", "awa was not run"):
        assert missing in found.reason


def test_an_unavailable_dataset_is_named_with_the_reason(tmp_path):
    run, inputs = write(tmp_path, {"mnist": {"stl": 10, "mtfl": 11}}, not_run={"awa": "no file of AWA"})
    found = conclude(CLAIMS["C12"].examine(Results(run, inputs)))
    assert found.verdict == NOT_TESTABLE
    assert "awa" in found.reason and "no file of AWA" in found.reason


def test_the_authors_file_is_a_detail(tmp_path):
    errors = {"synthetic": {"amtl": 15, "stl": 20}, "synthetic-authors": {"amtl": 25, "stl": 20}}
    found = findings(tmp_path, "C1", errors=errors)
    assert found.verdict == REPRODUCED
    detail = next(part for part in found.parts if not part.counts)
    assert detail.outcome == CONTRADICTS and "authors" in detail.name


def test_methods_that_were_not_run_are_named(tmp_path):
    found = findings(tmp_path, "C1", errors={"synthetic": {"amtl": 15, "stl": 20}})
    assert all(name in found.reason for name in ("mtfl", "go-mtl", "sc-mtl", "amtl-curriculum"))


def test_a_verdict_on_part_of_a_claim_is_marked(tmp_path):
    run, inputs = write(tmp_path, {"school": {"stl": 11, "amtl": 10, "amtl-curriculum": 10, "go-mtl": 9}})
    table = build("claims", run, inputs)
    verdict = {row[0]: row[5] for row in table.blocks[0][1]}
    assert verdict["C8"] == f"{REPRODUCED} †" and verdict["C10"] == REPRODUCED
    assert any(note.startswith("†") for note in table.notes)


def build(name, run, inputs):
    return plugins.load("tables", name).make(run, Inputs(inputs))


def rows_of(table):
    return list(csv.DictReader(io.StringIO(render.to_csv(table))))


def test_the_first_five_splits_and_all_get_a_verdict_each(tmp_path):
    # In the first five splits the two differ by noise alone, in the others clearly.
    run, inputs = write(tmp_path, {"school": {"go-mtl": (10, 1.0), "amtl": 10}}, splits=30)
    text = inputs["scores"].read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in text]
    for row in rows[1:]:
        if row[2] == "go-mtl" and int(row[1]) > 5:
            row[5] = "8.0"
    inputs["scores"].write_text("\n".join(",".join(row) for row in rows) + "\n")
    table = build("claims", run, inputs)
    found = {row["splits"]: row for row in rows_of(table) if row["claim"] == "C10"}
    assert found["the first 5"]["verdict"] == NOT_REPRODUCED and found["the first 5"]["n"] == "5"
    assert found["all"]["verdict"] == REPRODUCED and found["all"]["n"] == "30"
    assert [label for label, _ in table.groups] == ["", "First 5 splits", "All splits", ""]
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert (row[5], row[8]) == (NOT_REPRODUCED, REPRODUCED)


def test_five_splits_have_one_column_of_verdicts(tmp_path):
    run, inputs = write(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}}, splits=5)
    table = build("claims", run, inputs)
    assert not table.groups and table.columns.count("Verdict") == 1
    assert len(table.blocks[0][1]) == len(table.records) == 16
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert row[3:6] == ["+9.71 ± 0.00 %", "5", REPRODUCED]
    notes = "\n".join(table.notes)
    assert all(f"{name}. Effect: {claim.effect}. {claim.rule}" in notes for name, claim in CLAIMS.items())


def test_no_seconds_are_in_the_table(tmp_path):
    for name, slow in (("a", 20.0), ("b", 30.0)):
        (tmp_path / name).mkdir()
        run, inputs = write(tmp_path / name, BOTH, times={SLOW: slow, FAST: 1.0})
        tables = [build(table, run, inputs) for table in ("claims", "evidence")]
        render.write(tables[0], [tmp_path / name / f"claims.{kind}" for kind in ("csv", "md", "tex", "html")])
        render.write(tables[1], [tmp_path / name / "evidence.csv"])
    for file in ("claims.csv", "claims.md", "claims.tex", "claims.html", "evidence.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert "C7" in (tmp_path / "a" / "claims.md").read_text(encoding="utf-8")


def test_evidence_lists_every_part(tmp_path):
    run, inputs = write(tmp_path, {"school": {"stl": 11, "go-mtl": 9, "amtl": 10, "amtl-curriculum": 10}})
    table = build("evidence", run, inputs)
    records = [row for row in rows_of(table) if row["claim"] == "C8"]
    assert len(records) == 2 * len(paper.COLUMNS["table1"])
    assert {row["outcome"] for row in records} == {HOLDS, UNTESTED}
    assert [title.split(".")[0] for title, _ in table.blocks] == list(CLAIMS)


def test_latex_and_markdown_of_the_claims_are_whole(tmp_path):
    run, inputs = write(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}})
    table = build("claims", run, inputs)
    assert render.to_latex(table).isascii()
    lines = [line for line in render.to_markdown(table).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_the_datasets_of_the_claims_are_the_columns_of_the_paper():
    for table, columns in paper.COLUMNS.items():
        assert list(columns) == list(paper.TABLES[table])


def test_a_stale_fit_is_named(tmp_path):
    run, inputs = write(tmp_path, **theorem(DECIDED_BY_LOSS))
    path = tmp_path / "fits" / "school" / "amtl" / "split1.json"
    path.write_text(path.read_text(encoding="utf-8").replace("true", "false"))
    with pytest.raises(InputError, match="school/amtl/split1.json"):
        CLAIMS["C16"].examine(Results(run, inputs))


def test_the_theorem_is_checked_under_every_name_of_amtl(tmp_path):
    made_up = theorem(DECIDED_BY_SWAP)
    made_up["fits"]["school", "my-amtl"] = made_up["fits"].pop(("school", "amtl"))
    _, inputs = write(tmp_path, **made_up)
    for built_in, verdict in (("stl", NOT_TESTABLE), ("amtl", OPPOSITE)):
        run = run_of(["school"], [method("my-amtl", method=built_in)])
        assert conclude(CLAIMS["C16"].examine(Results(run, inputs))).verdict == verdict


def test_the_theorem_ignores_a_free_intercept(tmp_path):
    # The last row of the weights would turn the outcome round.
    free = {"intercept": "free", "delta": "train"}
    weights = np.array([[2.0, 1.0], [0.0, 9.0]])
    assert findings(tmp_path, "C16", **theorem(DECIDED_BY_SWAP, W=weights, options=free)).verdict == OPPOSITE
    assert findings(tmp_path, "C16", **theorem(DECIDED_BY_SWAP, W=weights)).verdict == REPRODUCED


def test_claims_read_the_graphs_that_they_need():
    run = run_of(
        ["synthetic", "school", "mnist"], ["stl", "amtl", "amtl-curriculum", method("mine", method="amtl")]
    )
    four = [1, 2, 3, 4]
    assert fits_read(run) == {
        "synthetic": {"amtl": four, "mine": four, "amtl-curriculum": four},
        "school": {"amtl": four, "mine": four},
        "mnist": {"amtl": four, "mine": four, "amtl-curriculum": four},
    }
    assert fits_read(run_of(["synthetic"], ["stl"])) == {}
    for name in ("claims", "evidence"):
        assert plugins.load("tables", name).fits(run) == fits_read(run)


# --- bounds, each on both sides -----------------------------------------------------------------------------


def outcomes(folder, claim, **made_up):
    return [part.outcome for part in findings(folder, claim, **made_up).parts]


def test_c2_holds_right_above_its_bound(tmp_path):
    for back, outcome in ((1 / 9 - 1e-6, HOLDS), (1 / 9 + 1e-6, INCONCLUSIVE), (1 - 1e-6, INCONCLUSIVE)):
        assert outcomes(tmp_path, "C2", **on_synthetic(graph((0, 3, 1.0), (3, 0, back)))) == [outcome]


@pytest.mark.parametrize(
    ("within", "outcome"),
    [(0.9001, HOLDS), (0.8999, INCONCLUSIVE), (5 / 11 + 1e-4, INCONCLUSIVE), (5 / 11 - 1e-4, CONTRADICTS)],
)
def test_c3_needs_nine_tenths_within_the_groups(tmp_path, within, outcome):
    made_up = on_synthetic(graph((0, 3, within), (0, 9, 1.0 - within)))
    assert outcomes(tmp_path, "C3", **made_up) == [outcome]


@pytest.mark.parametrize(("loss", "much"), [(4.99, False), (5.01, True)])
def test_c4_much_is_more_than_five_percent(tmp_path, loss, much):
    # STL's mean error is 20.25: splits 1 to 4 add 0.1 k.
    error = 20 + 20.25 * loss / 100
    amtl, go_mtl = outcomes(tmp_path, "C4", **per_task({3: error}, {0: error, 7: error}))[::-1]
    assert (amtl, go_mtl) == ((INCONCLUSIVE, HOLDS) if much else (HOLDS, CONTRADICTS))


@pytest.mark.parametrize(
    ("count", "go_mtl", "amtl"),
    [
        (0, CONTRADICTS, HOLDS),
        (1, INCONCLUSIVE, INCONCLUSIVE),
        (2, HOLDS, CONTRADICTS),
        (3, HOLDS, CONTRADICTS),
    ],
)
def test_c4_two_tasks_are_several(tmp_path, count, go_mtl, amtl):
    worse = dict.fromkeys(range(count), 23)
    assert outcomes(tmp_path, "C4", **per_task(worse, worse)) == [go_mtl, amtl]


def test_c4_shows_the_task_that_loses_most(tmp_path):
    found = findings(tmp_path, "C4", **per_task({3: 20.5, 4: 20.2}, {0: 22, 7: 23}))
    assert [round(part.effect.mean, 6) for part in found.parts] == [
        round(-100 * 3 / 20.25, 6),
        round(-100 * 0.5 / 20.25, 6),
    ]
    assert "1, 8" in found.parts[0].note


def order_with(pairs):
    """Return an order of training in which `pairs` of the 36 pairs have the easy task first."""
    easy, hard = np.flatnonzero(EASY).tolist(), np.flatnonzero(~EASY).tolist()
    order = hard + easy
    for _ in range(pairs):
        # Exchanging a hard task and the easy one right after it adds one pair.
        place = next(i for i in range(11) if not EASY[order[i]] and EASY[order[i + 1]])
        order[place], order[place + 1] = order[place + 1], order[place]
    return order


@pytest.mark.parametrize(
    ("pairs", "outcome"),
    [(36, HOLDS), (33, HOLDS), (32, INCONCLUSIVE), (18, INCONCLUSIVE), (17, CONTRADICTS), (0, CONTRADICTS)],
)
def test_c5_easy_first_needs_nine_tenths_of_the_pairs(tmp_path, pairs, outcome):
    found = findings(tmp_path, "C5", **curriculum(np.array(order_with(pairs)), 0, 3)).parts[0]
    assert found.effect.mean == pytest.approx(100 * pairs / 36) and found.outcome == outcome


@pytest.mark.parametrize(("early", "outcome"), [(0, HOLDS), (0.1, CONTRADICTS), (-0.1, CONTRADICTS)])
def test_c5_early_tasks_neither_gain_nor_lose(tmp_path, early, outcome):
    found = findings(tmp_path, "C5", **curriculum(EASY_FIRST, early, 3)).parts
    assert found[1].outcome == outcome and found[1].effect.mean == pytest.approx(100 * early / 20.25)
    assert found[2].outcome == HOLDS and found[2].effect.mean == pytest.approx(100 * 3 / 20.25)


def test_c5_halves_are_those_of_the_order_of_training(tmp_path):
    found = findings(tmp_path, "C5", **curriculum(EASY_FIRST[::-1], 2, 3)).parts
    assert [part.effect.mean for part in found[1:]] == pytest.approx([200 / 20.25, 300 / 20.25])


@pytest.mark.parametrize(("smtl", "outcome"), [(20.001, HOLDS), (20, HOLDS), (19.999, CONTRADICTS)])
def test_c6_a_tie_with_stl_is_no_improvement(tmp_path, smtl, outcome):
    assert outcomes(tmp_path, "C6", errors={"synthetic": {"stl": 20, "smtl": smtl}})[0] == outcome


@pytest.mark.parametrize(("slow", "outcome"), [(10.001, HOLDS), (10.0, INCONCLUSIVE), (9.999, CONTRADICTS)])
def test_c7_compares_the_ratio_with_one(tmp_path, slow, outcome):
    assert outcomes(tmp_path, "C7", errors=BOTH, times={SLOW: slow, FAST: 10.0}) == [outcome]


@pytest.mark.parametrize(
    ("amtl", "go_mtl", "expected"),
    [
        (UP, UP[:1] + DOWN[:1] + [20.0] * 8, [HOLDS, HOLDS]),
        ([20.0, *UP[:9]], UP[:1] + [20.0] * 9, [INCONCLUSIVE, INCONCLUSIVE]),
        ([20.5, *UP[:9]], UP, [CONTRADICTS, CONTRADICTS]),
        ([20.0] * 10, DOWN, [INCONCLUSIVE, CONTRADICTS]),
        (UP, DOWN[:9] + [20.0], [HOLDS, INCONCLUSIVE]),
    ],
)
def test_c13_counts_improved_and_degraded_classes(tmp_path, amtl, go_mtl, expected):
    assert outcomes(tmp_path, "C13", **digits(amtl, go_mtl)) == expected


def test_c13_shows_the_class_that_gains_least_in_points(tmp_path):
    found = findings(tmp_path, "C13", **digits([*UP[:9], 21.5], UP))
    assert (found.parts[0].effect.mean, found.parts[0].unit) == (pytest.approx(-1.5), "points")


@pytest.mark.parametrize(("back", "outcome"), [(0.999, HOLDS), (1.0, INCONCLUSIVE), (1.001, CONTRADICTS)])
def test_c14_edges_rise_with_the_loss(tmp_path, back, outcome):
    both = graph((0, 5, 1.0), (5, 0, back))
    assert outcomes(tmp_path, "C14", **edges_on_mnist(both, both))[:2] == [outcome, outcome]


def test_c14_edges_between_equal_losses_do_not_count(tmp_path):
    made_up = edges_on_mnist(graph((0, 5, 1.0), (5, 0, 0.5), (1, 2, 9.0)), graph())
    made_up["fits"]["mnist", "amtl"]["losses"] = np.array([1.0, 4.0, 4.0, *range(5, 14)])
    assert findings(tmp_path, "C14", **made_up).parts[0].effect.mean == pytest.approx(100 / 3)


def test_c14_one_cycle_in_one_split_contradicts(tmp_path):
    cyclic = graph((0, 5, 2.0), (5, 0, 1.0))
    curriculum_graphs = [graph((0, 5, 2.0))] * 3 + [cyclic]
    found = findings(tmp_path, "C14", **edges_on_mnist(graph((0, 5, 2.0)), curriculum_graphs)).parts[2]
    assert found.outcome == CONTRADICTS and found.effect.mean == 75.0


@pytest.mark.parametrize(
    ("splits_against", "verdict"), [(0, REPRODUCED), (1, NOT_REPRODUCED), (2, NOT_REPRODUCED), (3, OPPOSITE)]
)
def test_c16_needs_all_pairs_and_is_opposite_below_half(tmp_path, splits_against, verdict):
    losses = [DECIDED_BY_SWAP] * splits_against + [DECIDED_BY_LOSS] * (4 - splits_against)
    found = findings(tmp_path, "C16", **theorem(losses))
    assert found.verdict == verdict and found.weakest.effect.mean == 100 - 25 * splits_against
    assert found.weakest.count == 4


def test_c16_excludes_and_counts_fits_that_did_not_converge(tmp_path):
    found = findings(tmp_path, "C16", **theorem(DECIDED_BY_LOSS, converged=[True, True, False, True]))
    assert found.weakest.count == 3 and "1 fits excluded" in found.reason


@pytest.mark.parametrize(("gap", "outcome"), [(0.001, HOLDS), (0.0, INCONCLUSIVE), (-0.001, CONTRADICTS)])
def test_a_lower_error_speaks_for_the_winner(tmp_path, gap, outcome):
    errors = {"school": {"go-mtl": 10 - gap, "amtl": 10}}
    assert outcomes(tmp_path, "C10", errors=errors) == [outcome]
    part = findings(tmp_path, "C10", errors=errors).parts[0]
    assert part.effect.mean == pytest.approx(100 * gap / 10.25)


@pytest.mark.parametrize(
    ("claim", "entry", "winner", "missing"),
    [
        ("C1", "synthetic", "amtl", "amtl-imbalanced"),
        ("C15", "imbalanced", "amtl-imbalanced", "amtl-curriculum"),
    ],
)
def test_rivals_are_the_methods_of_the_papers_column(tmp_path, claim, entry, winner, missing):
    table = "table1" if entry == "synthetic" else "table2"
    for rival in paper.TABLES[table]["Synthetic"]:
        if rival != winner:
            errors = {entry: {winner: 10, rival: 11, "stl": 12, missing: 1, "oracle": 1}}
            part = next(
                p
                for p in findings(tmp_path, claim, errors=errors).parts
                if winner == "amtl" or "best" in p.name
            )
            assert part.outcome == HOLDS, rival
            errors[entry][rival] = 9
            part = next(
                p
                for p in findings(tmp_path, claim, errors=errors).parts
                if winner == "amtl" or "best" in p.name
            )
            assert part.outcome == CONTRADICTS, rival


def test_a_variant_of_a_dataset_does_not_stand_in_for_it(tmp_path):
    _, inputs = write(tmp_path, {"awa": {"stl": 58, "mtfl": 65}})
    run = run_of([dataset("mine", dataset="awa")], ["stl", "mtfl"])
    assert conclude(CLAIMS["C12"].examine(Results(run, inputs))).verdict == NOT_TESTABLE


# --- report.interval ----------------------------------------------------------------------------------------


def noisy_everything():
    """Return results in which every effect of every claim but C7 varies from split to split."""
    names = (
        "stl",
        "mtfl",
        "go-mtl",
        "sc-mtl",
        "smtl",
        "amtl-noloss",
        "amtl",
        "amtl-imbalanced",
        "amtl-curriculum",
    )
    errors = {m: (20.0 - i, 0.1 + 0.1 * i) for i, m in enumerate(names)}
    tasks = {m: [wanted] * 12 for m, wanted in errors.items()}
    graphs = [graph((0, 3, 5.0), (3, 0, 0.1 * k), (0, 9, 0.3 * k)) for k in range(1, 5)]
    orders = [EASY_FIRST, list(range(12)), list(range(12)), EASY_FIRST]
    curriculum_graphs = [graph((0, 5, 2.0)), graph((0, 5, 2.0), (5, 0, 1.0))] * 2
    pairs = [np.roll(np.arange(1.0, 13.0), k) for k in range(4)]
    fits = {
        ("synthetic", "amtl"): {"B": graphs, "losses": pairs},
        ("synthetic", "amtl-curriculum"): {"order": orders},
        ("mnist", "amtl"): {"B": graphs},
        ("mnist", "amtl-curriculum"): {"B": curriculum_graphs},
        **theorem([DECIDED_BY_LOSS, DECIDED_BY_SWAP] * 2)["fits"],
    }
    entries = ("synthetic", "mnist", "usps", "school", "awa", "imbalanced", "imagenet-room")
    return {
        "errors": dict.fromkeys(entries, errors),
        "tasks": {"synthetic": tasks, "mnist": tasks},
        "fits": fits,
    }


def test_every_claim_respects_the_kind_of_interval(tmp_path):
    halves = {}
    for kind in ("normal", "t"):
        run, inputs = write(tmp_path, **noisy_everything(), interval=kind)
        for name, claim in CLAIMS.items():
            for part in claim.examine(Results(run, inputs)):
                if part.effect is not None and part.effect.half > 1e-9:
                    halves.setdefault((name, part.name), []).append(part.effect.half)
    assert {claim for claim, _ in halves} == set(CLAIMS) - {"C7"}
    counts = {each: sum(claim == each for claim, _ in halves) for each in ("C4", "C5", "C13", "C14", "C16")}
    assert counts == {"C4": 2, "C5": 3, "C13": 2, "C14": 3, "C16": 2}
    for (claim, name), (normal, by_t) in halves.items():
        n = 12 if (claim, name) == ("C16", "all datasets of the run") else 4
        assert by_t / normal == pytest.approx(student.ppf(0.975, n - 1) / 1.96), (claim, name)


def test_the_time_ratio_respects_the_kind_of_interval(tmp_path):
    # Ratios of 1.5 and 1.05 in turn: 1.96 s/√n leaves 1 outside, Student's t does not.
    times = {SLOW: (12.6, 2.3), FAST: 10.0}
    found = {}
    for kind in ("normal", "t"):
        run, inputs = write(tmp_path, BOTH, times=times, interval=kind)
        found[kind] = CLAIMS["C7"].examine(Results(run, inputs))[0].outcome
    assert found == {"normal": HOLDS, "t": INCONCLUSIVE}


@pytest.mark.parametrize("name", ["claims", "evidence"])
def test_more_splits_than_the_papers_have_columns_of_their_own(tmp_path, name):
    run, inputs = write(tmp_path, {"school": {"go-mtl": (9, 0.5), "amtl": 10}}, splits=6)
    table = build(name, run, inputs)
    assert sum(span for _, span in table.groups) == len(table.columns) == len(table.align)
    assert all(len(row) == len(table.columns) for _, rows in table.blocks for row in rows)
    counts = {row["splits"]: row["n"] for row in rows_of(table) if row["claim"] == "C10"}
    assert list(counts.values()) == ["5", "6"]


def test_the_first_splits_leave_out_later_scores_fits_and_times(tmp_path):
    errors = {"synthetic": {"amtl": (10, 1.0), "amtl-curriculum": 20}}
    times = {("synthetic", "amtl"): 30, ("synthetic", "amtl-curriculum"): 3}
    run, inputs = write(tmp_path, errors, fits={("synthetic", "amtl"): {}}, times=times)
    results = Results(run, inputs)
    assert results.largest_split == 4
    for found, count in ((results, 4), (results.on_first(2), 2)):
        assert found.gain("synthetic", "amtl", "amtl-curriculum").n == count
        assert found.time_ratio("synthetic", "amtl", "amtl-curriculum").n == count
        assert list(found.fits("synthetic", "amtl")) == list(range(1, count + 1))

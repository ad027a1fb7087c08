"""Every verdict of every claim, from made-up results whose verdict is known; and how verdicts are shown."""

import csv
import io
import json

import numpy as np
import pytest
from workbench.named import Inputs, load

import workbench.report.tables
from amtl.datasets import two_groups
from amtl.errors import InputError
from amtl.statistics import Interval
from helpers.made_up_results import write
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.lee2016.claims import CLAIMS
from workbench.papers.results import TABLE_COLUMNS, Results
from workbench.papers.verdicts import (
    AGAINST,
    HOLDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    OPEN,
    OPPOSITE,
    REPRODUCED,
    UNTESTED,
    Part,
    conclude,
    judge,
    untested,
)
from workbench.report import render

EASY = np.array(two_groups.DIFFICULTY) == "easy"
GROUP = np.array(two_groups.GROUP)
OF = {claim.id: claim for claim in CLAIMS}
TWO, THREE = ("synthetic", "mnist"), ("synthetic", "mnist", "school")


def findings(folder, claim, splits=4, **made_up):
    job, inputs = write(folder, splits=splits, **made_up)
    return conclude(OF[claim].examine(Results(job, inputs)))


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
    # The closest is beaten, another one, further off on the mean, not beyond doubt.
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
    assert reached == {(claim.id, verdict) for claim in CLAIMS for verdict in verdicts}
    assert [claim.id for claim in CLAIMS] == [f"C{i}" for i in range(1, 17)]


@pytest.mark.parametrize("claim", [claim.id for claim in CLAIMS if claim.id not in ("C14", "C16")])
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


def test_a_dataset_that_cannot_be_had_is_named_with_the_reason(tmp_path):
    job, inputs = write(tmp_path, {"mnist": {"stl": 10, "mtfl": 11}})
    job["not_run"] = {"awa": "no file of AWA can be had"}
    found = conclude(OF["C12"].examine(Results(job, inputs)))
    assert found.verdict == NOT_TESTABLE
    assert "awa was not run: no file of AWA can be had" in found.reason


def test_the_authors_file_is_a_detail(tmp_path):
    errors = {"synthetic": {"amtl": 15, "stl": 20}, "synthetic-authors": {"amtl": 25, "stl": 20}}
    found = findings(tmp_path, "C1", errors=errors)
    assert found.verdict == REPRODUCED
    detail = next(part for part in found.parts if not part.counts)
    assert detail.outcome == AGAINST and "authors" in detail.name


def test_methods_that_were_not_run_are_named(tmp_path):
    found = findings(tmp_path, "C1", errors={"synthetic": {"amtl": 15, "stl": 20}})
    assert "without MTFL, GO-MTL" in found.reason


def test_parts_and_bounds():
    narrow = {"n": 5, "sd": 1.0, "half": 1.0}
    assert judge("p", Interval(mean=2.0, **narrow)).outcome == HOLDS
    assert judge("p", Interval(mean=0.5, **narrow)).outcome == OPEN
    assert judge("p", Interval(mean=1.0, **narrow)).outcome == OPEN, "zero itself is in the interval"
    assert judge("p", Interval(mean=-2.0, **narrow)).outcome == AGAINST
    assert judge("p", Interval(mean=2.0, **narrow), holds_above=5, against_below=0).outcome == OPEN
    assert judge("p", None).outcome == UNTESTED
    holds, against = Part("a", HOLDS), Part("b", AGAINST)
    assert conclude([holds, against]).verdict == NOT_REPRODUCED
    assert conclude([holds, untested("c", "no data")]).verdict == REPRODUCED
    assert conclude([against, untested("c", "no data")]).verdict == OPPOSITE
    assert conclude([untested("c", "no data")]).verdict == NOT_TESTABLE
    assert conclude([]).verdict == NOT_TESTABLE
    assert conclude([holds, untested("c", "no data")]).partial
    assert not conclude([holds, against]).partial and not conclude([untested("c", "no data")]).partial


def test_a_verdict_on_part_of_a_claim_is_marked(tmp_path):
    job, inputs = write(tmp_path, {"school": {"stl": 11, "amtl": 10, "amtl-curriculum": 10, "go-mtl": 9}})
    table = build("claims", job, inputs)
    verdict = {row[0]: row[5] for row in table.blocks[0][1]}
    assert verdict["C8"] == f"{REPRODUCED} †" and verdict["C10"] == REPRODUCED
    assert any(note.startswith("†") for note in table.notes)


def build(name, job, inputs):
    return load(workbench.report.tables, name, "build")(job, Inputs(inputs))


def rows_of(table):
    return list(csv.DictReader(io.StringIO(render.to_csv(table))))


def test_the_first_five_splits_and_all_get_a_verdict_each(tmp_path):
    # In the first five splits the two differ by noise alone, in the others clearly.
    job, inputs = write(tmp_path, {"school": {"go-mtl": (10, 1.0), "amtl": 10}}, splits=30)
    text = inputs["scores"].read_text().splitlines()
    rows = [line.split(",") for line in text]
    for row in rows[1:]:
        if row[2] == "go-mtl" and int(row[1]) > 5:
            row[5] = "8.0"
    inputs["scores"].write_text("\n".join(",".join(row) for row in rows) + "\n")
    table = build("claims", job, inputs)
    found = {row["splits"]: row for row in rows_of(table) if row["claim"] == "C10"}
    assert found["the first 5"]["verdict"] == NOT_REPRODUCED and found["the first 5"]["n"] == "5"
    assert found["all"]["verdict"] == REPRODUCED and found["all"]["n"] == "30"
    assert [label for label, _ in table.groups] == ["", "First 5 splits", "All splits", ""]
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert (row[5], row[8]) == (NOT_REPRODUCED, REPRODUCED)


def test_five_splits_have_one_column_of_verdicts(tmp_path):
    job, inputs = write(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}}, splits=5)
    table = build("claims", job, inputs)
    assert not table.groups and table.columns.count("Verdict") == 1
    assert len(table.blocks[0][1]) == len(table.records) == 16
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert row[3:6] == ["+9.71 ± 0.00 %", "5", REPRODUCED]
    notes = "\n".join(table.notes)
    assert all(f"{claim.id}. Effect: {claim.effect}. {claim.rule}" in notes for claim in CLAIMS)


def test_no_seconds_are_in_the_table(tmp_path):
    for name, slow in (("a", 20.0), ("b", 30.0)):
        (tmp_path / name).mkdir()
        job, inputs = write(tmp_path / name, BOTH, times={SLOW: slow, FAST: 1.0})
        tables = [build(table, job, inputs) for table in ("claims", "evidence")]
        render.write(tables[0], [tmp_path / name / f"claims.{kind}" for kind in ("csv", "md", "tex", "html")])
        render.write(tables[1], [tmp_path / name / "evidence.csv"])
    for file in ("claims.csv", "claims.md", "claims.tex", "claims.html", "evidence.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert "C7" in (tmp_path / "a" / "claims.md").read_text()


def test_evidence_lists_every_part(tmp_path):
    job, inputs = write(tmp_path, {"school": {"stl": 11, "go-mtl": 9, "amtl": 10, "amtl-curriculum": 10}})
    table = build("evidence", job, inputs)
    records = [row for row in rows_of(table) if row["claim"] == "C8"]
    assert len(records) == 2 * len(TABLE_COLUMNS["table1"])
    assert {row["outcome"] for row in records} == {HOLDS, UNTESTED}
    assert [title.split(".")[0] for title, _ in table.blocks] == [claim.id for claim in CLAIMS]


def test_latex_and_markdown_of_the_claims_are_whole(tmp_path):
    job, inputs = write(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}})
    table = build("claims", job, inputs)
    assert render.to_latex(table).isascii()
    lines = [line for line in render.to_markdown(table).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_the_datasets_of_the_claims_are_the_columns_of_the_paper():
    for table, columns in TABLE_COLUMNS.items():
        assert list(columns) == list(paper.TABLES[table])


def test_a_fit_without_its_json_is_named(tmp_path):
    job, inputs = write(tmp_path, **theorem(DECIDED_BY_LOSS))
    inputs["fits"][0].with_suffix(".json").unlink()
    with pytest.raises(InputError, match="split1.json"):
        OF["C16"].examine(Results(job, inputs))


def test_the_theorem_is_checked_under_every_name_of_amtl(tmp_path):
    made_up = theorem(DECIDED_BY_SWAP)
    made_up["fits"]["school", "my-amtl"] = made_up["fits"].pop(("school", "amtl"))
    job, inputs = write(tmp_path, **made_up)
    assert conclude(OF["C16"].examine(Results(job, inputs))).verdict == NOT_TESTABLE
    job = json.loads(json.dumps({**job, "theorem_methods": ["amtl", "my-amtl"]}))
    assert conclude(OF["C16"].examine(Results(job, inputs))).verdict == OPPOSITE

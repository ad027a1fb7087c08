"""Every verdict of every claim, from made-up results whose verdict is known; every bound on both sides."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from amtl.datasets import two_groups
from amtl.errors import InputError
from helpers.made_up_results import dataset, make_split, run_of, write, write_split
from workbench import plugins
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.lee2016.claims import CLAIMS, fits_read
from workbench.papers.results import Results
from workbench.papers.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    OUTCOMES,
    REPRODUCED,
    conclude,
)
from workbench.report import render
from workbench.report._inputs import Inputs

EASY = np.array(two_groups.DIFFICULTY) == "easy"
GROUP = np.array(two_groups.GROUP)
TABLE1, TABLE2 = (list(paper.COLUMNS[table].values()) for table in ("table1", "table2"))


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
    orders = order if isinstance(order, list) and isinstance(order[0], list) else [order] * 4
    errors = np.full(12, 20.0)
    errors[orders[0][:6]] -= early
    errors[orders[0][6:]] -= late
    return {
        "errors": {"synthetic": {"stl": 20, "amtl-curriculum": 20}},
        "tasks": {"synthetic": {"stl": flat(20), "amtl-curriculum": list(errors)}},
        "fits": {("synthetic", "amtl-curriculum"): {"order": [np.array(each) for each in orders]}},
    }


def all_methods(best, mean, table="table1", changed=None):
    """Return the errors of all methods of a table: `mean` of `best`, 20 of the others but for `changed`."""
    names = paper.TABLES[table]["Synthetic"]
    return {name: 20 for name in names} | {best: mean} | (changed or {})


def on_table1(stl, amtl, datasets=TABLE1):
    """Return results for C8: STL, and AMTL and AMTL-Curriculum alike."""
    return {"errors": {d: {"stl": stl, "amtl": amtl, "amtl-curriculum": amtl} for d in datasets}}


def best_of(*datasets, **changed):
    """Return results for C9: AMTL, and the other methods of Table 1, on `datasets`."""
    return {"errors": {d: all_methods("amtl", 10, changed=changed) for d in datasets}}


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


def imbalanced(datasets=TABLE2, **errors):
    """Return results for C15: `errors` of some methods, the others of Table 2 have 60."""
    names = {name.replace("_", "-"): error for name, error in errors.items()}
    return {"errors": {d: dict.fromkeys(paper.TABLES["table2"]["Synthetic"], 60) | names for d in datasets}}


UP, DOWN = [19.0] * 10, [21.0] * 10
EASY_FIRST = [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11]
NOISY = (20, 4.0)
WAVERING = [graph((0, 5, 9.0), (5, 0, 0.4 * k)) for k in range(1, 5)]

CASES = [
    ("C1", REPRODUCED, {"errors": {"synthetic": all_methods("amtl", 15)}}),
    ("C1", CONTRADICTED, {"errors": {"synthetic": all_methods("amtl", 19, changed={"mtfl": 18})}}),
    # Contradicted by one method, although the others were not run.
    ("C1", CONTRADICTED, {"errors": {"synthetic": {"amtl": 19, "mtfl": 18}}}),
    ("C1", INCONCLUSIVE, {"errors": {"synthetic": {"amtl": 15, "mtfl": 18}}}),
    ("C1", INCONCLUSIVE, {"errors": {"synthetic": all_methods("amtl", 15, changed={"mtfl": (15.1, 1.0)})}}),
    # The closest method is beaten; another one, with a larger mean error, is inconclusive.
    (
        "C1",
        INCONCLUSIVE,
        {"errors": {"synthetic": all_methods("amtl", 15, changed={"stl": (17, 5), "mtfl": 16})}},
    ),
    # The controls do not compete.
    (
        "C1",
        REPRODUCED,
        {"errors": {"synthetic": all_methods("amtl", 15, changed={"oracle": 14, "pooled": 13})}},
    ),
    ("C1", NOT_TESTED, {"errors": {"synthetic-authors": {"amtl": 15, "stl": 20}}}),
    ("C1", NOT_TESTED, {"errors": {"synthetic": {"amtl": 15}}}),
    ("C2", REPRODUCED, on_synthetic(graph((0, 3, 5.0), (3, 0, 0.1), (0, 1, 9.0)))),
    ("C2", INCONCLUSIVE, on_synthetic([graph((0, 3, 5.0), (3, 0, 0.2 * k)) for k in range(1, 5)])),
    ("C2", CONTRADICTED, on_synthetic(graph((0, 3, 5.0), (3, 0, 1.0)))),
    ("C2", CONTRADICTED, on_synthetic(graph())),
    ("C2", NOT_TESTED, {"errors": {"synthetic": {"stl": 10}}}),
    ("C3", REPRODUCED, on_synthetic(graph((0, 3, 5.0), (6, 9, 5.0), (0, 9, 0.5)))),
    ("C3", INCONCLUSIVE, on_synthetic([graph((0, 3, 5.0), (0, 9, 0.2 * k)) for k in range(1, 5)])),
    ("C3", CONTRADICTED, on_synthetic(graph((0, 3, 5.0), (0, 9, 2.0)))),
    ("C3", NOT_TESTED, on_synthetic(graph())),
    ("C5", REPRODUCED, curriculum(EASY_FIRST, 0, 3)),
    ("C5", INCONCLUSIVE, curriculum([EASY_FIRST] * 3 + [EASY_FIRST[::-1]], 0, 3)),
    ("C5", CONTRADICTED, curriculum(EASY_FIRST, 0, -3)),
    ("C5", CONTRADICTED, curriculum(EASY_FIRST, 2, 3)),
    ("C5", CONTRADICTED, curriculum(np.arange(12), 0, 3)),
    ("C5", NOT_TESTED, {"errors": {"synthetic": {"stl": 20}}}),
    ("C6", REPRODUCED, {"errors": {"synthetic": {"stl": 20, "smtl": 20, "amtl-noloss": 20.1}}}),
    # Few and noisy splits do not speak for no effect.
    ("C6", INCONCLUSIVE, {"errors": {"synthetic": {"stl": 20, "smtl": (20, 2.0), "amtl-noloss": 20}}}),
    ("C6", INCONCLUSIVE, {"errors": {"synthetic": {"stl": 20, "smtl": 20}}}),
    ("C6", CONTRADICTED, {"errors": {"synthetic": {"stl": 20, "smtl": 20, "amtl-noloss": 19}}}),
    ("C6", NOT_TESTED, {"errors": {"synthetic": {"stl": 20}}}),
    ("C8", REPRODUCED, on_table1(20, 19)),
    # One dataset is missing.
    ("C8", INCONCLUSIVE, on_table1(20, 19, TABLE1[:-1])),
    ("C8", INCONCLUSIVE, on_table1(20, (19.9, 1))),
    ("C8", CONTRADICTED, {"errors": {"mnist": {"stl": 20, "amtl": 19, "amtl-curriculum": 21}}}),
    ("C8", CONTRADICTED, on_table1(20, 21)),
    # Neither a stand-in nor the imbalanced data count as a dataset of Table 1.
    ("C8", NOT_TESTED, {"errors": {"awa2": {"stl": 20, "amtl": 19}, "imbalanced": {"stl": 20, "amtl": 9}}}),
    ("C9", REPRODUCED, best_of("mnist", "usps", "awa")),
    ("C9", INCONCLUSIVE, best_of("mnist", "usps")),
    ("C9", INCONCLUSIVE, best_of("mnist", "usps", "awa", stl=(10.1, 1.0))),
    ("C9", CONTRADICTED, best_of("mnist", "usps", stl=9)),
    ("C9", NOT_TESTED, {"errors": {"school": {"amtl": 10, "stl": 11}}}),
    ("C10", REPRODUCED, {"errors": {"school": {"go-mtl": 9, "amtl": 10}}}),
    ("C10", INCONCLUSIVE, {"errors": {"school": {"go-mtl": (9.9, 1), "amtl": 10}}}),
    ("C10", CONTRADICTED, {"errors": {"school": {"go-mtl": 11, "amtl": 10}}}),
    ("C10", NOT_TESTED, {"errors": {"school": {"amtl": 10}}}),
    ("C11", REPRODUCED, {"errors": {d: {"amtl": 9, "amtl-curriculum": 10} for d in TABLE1}}),
    ("C11", INCONCLUSIVE, {"errors": {d: {"amtl": 9, "amtl-curriculum": (9.1, 1)} for d in TABLE1}}),
    ("C11", CONTRADICTED, {"errors": {d: {"amtl": 11, "amtl-curriculum": 10} for d in TABLE1[:2]}}),
    ("C11", NOT_TESTED, {"errors": {"usps-authors": {"amtl": 11, "amtl-curriculum": 10}}}),
    ("C12", REPRODUCED, {"errors": {"awa": {"stl": 58, "mtfl": 65, "go-mtl": 62, "sc-mtl": 66}}}),
    ("C12", INCONCLUSIVE, {"errors": {"awa": {"stl": 58, "mtfl": 65, "go-mtl": (59, 3), "sc-mtl": 66}}}),
    ("C12", CONTRADICTED, {"errors": {"awa": {"stl": 58, "mtfl": 65, "go-mtl": 57, "sc-mtl": 66}}}),
    ("C12", NOT_TESTED, {"errors": {"awa2": {"stl": 58, "mtfl": 65, "go-mtl": 62, "sc-mtl": 66}}}),
    ("C13", REPRODUCED, digits(UP, UP[:5] + DOWN[:5])),
    ("C13", CONTRADICTED, digits(UP, UP)),
    ("C13", INCONCLUSIVE, digits([*UP[:9], NOISY], UP[:5] + DOWN[:5])),
    ("C13", CONTRADICTED, digits([*UP[:9], 21.0], UP[:5] + DOWN[:5])),
    ("C13", NOT_TESTED, {"errors": {"mnist": {"stl": 20}}}),
    ("C14", REPRODUCED, edges_on_mnist(graph((0, 5, 9.5), (5, 0, 1.0)), graph((0, 5, 2.0)))),
    ("C14", INCONCLUSIVE, edges_on_mnist(WAVERING, graph((0, 5, 2.0)))),
    ("C14", CONTRADICTED, edges_on_mnist(graph((0, 5, 2.0), (5, 0, 1.0)), graph((0, 5, 2.0)))),
    ("C14", NOT_TESTED, {"errors": {"mnist": {"stl": 20}}}),
    ("C15", REPRODUCED, imbalanced(stl=54, mtfl=55, go_mtl=56, amtl=53, amtl_imbalanced=52)),
    ("C15", INCONCLUSIVE, imbalanced(stl=54, mtfl=55, go_mtl=56, amtl=53, amtl_imbalanced=53)),
    ("C15", INCONCLUSIVE, imbalanced(TABLE2[:1], stl=54, mtfl=55, go_mtl=56, amtl=53, amtl_imbalanced=52)),
    ("C15", CONTRADICTED, imbalanced(stl=54, mtfl=53.5, go_mtl=56, amtl=53, amtl_imbalanced=52)),
    ("C15", NOT_TESTED, {"errors": {"synthetic": {"stl": 54, "amtl": 53}}}),
]


def per_task(amtl, go_mtl):
    """Return results for C4: errors of twelve tasks, STL's are 20."""
    return {
        "errors": {"synthetic": {"stl": 20, "amtl": 20, "go-mtl": 20}},
        "tasks": {"synthetic": {"stl": flat(20), "amtl": flat(19, amtl), "go-mtl": flat(19, go_mtl)}},
    }


CASES += [
    ("C4", REPRODUCED, per_task({}, {0: 22, 7: 23})),
    # Four per cent is not much.
    ("C4", REPRODUCED, per_task({3: 20.8}, {0: 22, 7: 23})),
    # A task that may lose much is not a task that does not.
    ("C4", INCONCLUSIVE, per_task({5: (22, 9)}, {0: 22, 7: 23})),
    ("C4", INCONCLUSIVE, per_task({}, {0: 22, 7: (22, 3)})),
    ("C4", CONTRADICTED, per_task({}, {0: 22})),
    ("C4", CONTRADICTED, per_task({3: 22}, {0: 22, 7: 23})),
    ("C4", NOT_TESTED, {"errors": {"synthetic": {"stl": 20}}}),
]
SLOW, FAST = ("synthetic", "amtl"), ("synthetic", "amtl-curriculum")
BOTH = {"synthetic": {"amtl": 10, "amtl-curriculum": 10}}
CASES += [
    ("C7", REPRODUCED, {"errors": BOTH, "times": {SLOW: 20.0, FAST: 1.0}}),
    ("C7", INCONCLUSIVE, {"errors": BOTH, "times": {SLOW: (10.0, 5.0), FAST: 10.0}}),
    ("C7", CONTRADICTED, {"errors": BOTH, "times": {SLOW: 1.0, FAST: 20.0}}),
    ("C7", NOT_TESTED, {"errors": {"synthetic": {"amtl": 10}}, "times": {SLOW: 20.0}}),
]


@pytest.mark.parametrize(("claim", "verdict", "made_up"), CASES)
def test_the_verdict_on_known_results(tmp_path, claim, verdict, made_up):
    found = findings(tmp_path, claim, **made_up)
    assert found.verdict == verdict, found.reason


def test_every_verdict_is_reached_for_every_claim():
    reached = {(claim, verdict) for claim, verdict, _ in CASES}
    assert reached == {(claim, verdict) for claim in CLAIMS for verdict in OUTCOMES}
    assert list(CLAIMS) == [f"C{i}" for i in range(1, 16)]


@pytest.mark.parametrize("claim", list(CLAIMS))
def test_one_split_decides_nothing(tmp_path, claim):
    made_up = next(given for name, verdict, given in CASES if (name, verdict) == (claim, REPRODUCED))
    found = findings(tmp_path, claim, splits=1, **made_up)
    assert found.verdict == NOT_TESTED and "one split" in found.reason


def test_the_effect_is_that_of_the_part_that_says_least(tmp_path):
    errors = {"synthetic": {"amtl": 10, "amtl-curriculum": 20}, "mnist": {"amtl": 20, "amtl-curriculum": 21}}
    found = findings(tmp_path, "C11", errors=errors)
    # 1 of a mean of 21.25: splits 1 to 4 add 0.1 k.
    assert found.weakest.name == "MNIST" and found.weakest.effect.mean == pytest.approx(100 / 21.25)
    assert found.verdict == INCONCLUSIVE and found.reason.startswith("2 of 2 tested parts reproduced")
    assert "not tested: USPS (usps was not run), School (school" not in found.reason
    for missing in ("usps was not run", "school was not run", "awa was not run"):
        assert missing in found.reason


def test_an_unavailable_dataset_is_named_with_the_reason(tmp_path):
    run, inputs = write(tmp_path, {"mnist": {"stl": 10, "mtfl": 11}}, not_run={"awa": "no file of AWA"})
    found = conclude(CLAIMS["C12"].examine(Results(run, inputs)))
    assert found.verdict == NOT_TESTED
    assert "awa" in found.reason and "no file of AWA" in found.reason


def test_the_authors_file_is_a_detail(tmp_path):
    errors = {"synthetic": all_methods("amtl", 15), "synthetic-authors": {"amtl": 25, "stl": 20}}
    found = findings(tmp_path, "C1", errors=errors)
    assert found.verdict == REPRODUCED
    detail = next(part for part in found.parts if not part.counts)
    assert detail.outcome == CONTRADICTED and "authors" in detail.name


def test_the_order_of_the_graph_methods_is_a_detail_of_c15(tmp_path):
    errors = {"amtl-imbalanced-ridge0": 51, "amtl-ridge0": 52, "amtl-noloss-ridge0": 54, "smtl-ridge0": 53}
    errors |= {"amtl-imbalanced": 52, "amtl": 51, "amtl-noloss": 50, "smtl": 49, "stl": 54}
    found = findings(tmp_path, "C15", errors={"imbalanced": errors, "imbalanced-authors": errors})
    order = [part for part in found.parts if part.name.startswith("order")]
    assert [part.outcome for part in order[:8:2]] == [REPRODUCED, REPRODUCED, CONTRADICTED, REPRODUCED]
    assert [part.outcome for part in order[1:8:2]] == [CONTRADICTED] * 3 + [REPRODUCED]
    assert all("default ridge" in part.name for part in order[1::2])
    assert order[0].name == "order: AMTL-imbalanced over AMTL on imbalanced Synthetic"
    assert order[0].effect.half is not None and not any(part.counts for part in order)
    assert sum("the authors' files" in part.name for part in order) == 8
    assert "order" not in found.reason


def test_methods_that_were_not_run_are_named(tmp_path):
    found = findings(tmp_path, "C1", errors={"synthetic": {"amtl": 15, "stl": 20}})
    assert all(name in found.reason for name in ("mtfl", "go-mtl", "sc-mtl", "amtl-curriculum"))
    assert found.weakest.splits_needed == np.inf


def test_the_method_that_beats_the_best_is_named(tmp_path):
    # GO-MTL has the lowest mean error and is noisy; MTFL beats AMTL in every split.
    errors = {"synthetic": all_methods("amtl", 15, changed={"mtfl": 14.9, "go-mtl": (14.8, 3.0)})}
    found = findings(tmp_path, "C1", errors=errors)
    assert found.verdict == CONTRADICTED and found.parts[0].name.endswith("GO-MTL")
    assert found.parts[0].note == "beaten by MTFL; inconclusive over GO-MTL"


def test_a_verdict_on_part_of_a_claim_is_marked(tmp_path):
    run, inputs = write(tmp_path, {"school": {"stl": 11, "amtl": 10, "amtl-curriculum": 10, "go-mtl": 9}})
    table = build("claims", run, inputs)
    verdict = {row[0]: row[5] for row in table.blocks[0][1]}
    assert verdict["C8"] == f"{INCONCLUSIVE} †" and verdict["C10"] == REPRODUCED
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
    assert found["the first 5"]["verdict"] == INCONCLUSIVE and found["the first 5"]["n"] == "5"
    assert found["all"]["verdict"] == REPRODUCED and found["all"]["n"] == "30"
    assert [label for label, _ in table.groups] == ["", "First 5 splits", "All splits", ""]
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert (row[5], row[8]) == (INCONCLUSIVE, REPRODUCED)


def test_five_splits_have_one_column_of_verdicts(tmp_path):
    run, inputs = write(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}}, splits=5)
    table = build("claims", run, inputs)
    assert not table.groups and table.columns.count("Verdict") == 1
    assert len(table.blocks[0][1]) == len(table.records) == 15
    row = next(row for row in table.blocks[0][1] if row[0] == "C10")
    assert row[3:6] == ["+9.71 ± 0.00 %", "5", REPRODUCED]
    notes = "\n".join(table.notes)
    assert all(f"{name}. Effect: {claim.effect}. {claim.rule}" in notes for name, claim in CLAIMS.items())


def test_c7_states_its_number_beside_the_papers(tmp_path):
    run, inputs = write(tmp_path, BOTH, times={SLOW: 29.75, FAST: 9.75})
    row = next(row for row in build("claims", run, inputs).blocks[0][1] if row[0] == "C7")
    assert row[3].startswith("3.0") and row[3].endswith("times") and row[4] == "4"
    assert "21.7" in row[6]


def test_evidence_lists_every_part(tmp_path):
    run, inputs = write(tmp_path, {"school": {"stl": 11, "go-mtl": 9, "amtl": 10, "amtl-curriculum": 10}})
    table = build("evidence", run, inputs)
    records = [row for row in rows_of(table) if row["claim"] == "C8"]
    assert len(records) == 2 * len(paper.COLUMNS["table1"])
    assert {row["outcome"] for row in records} == {REPRODUCED, NOT_TESTED}
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
    run, inputs = write(tmp_path, **on_synthetic(graph((0, 3, 1.0))))
    path = tmp_path / "fits" / "synthetic" / "amtl" / "split1.json"
    path.write_text(path.read_text(encoding="utf-8").replace("true", "false"))
    with pytest.raises(InputError, match="synthetic/amtl/split1.json"):
        CLAIMS["C2"].examine(Results(run, inputs))


def test_claims_read_the_graphs_that_they_need():
    run = run_of(["synthetic", "school", "mnist"], ["stl", "amtl", "amtl-curriculum"])
    four = [1, 2, 3, 4]
    graphs = {"amtl": four, "amtl-curriculum": four}
    assert fits_read(run) == {"synthetic": graphs, "mnist": graphs}
    assert fits_read(run_of(["synthetic"], ["stl"])) == {}
    for name in ("claims", "evidence"):
        assert plugins.load("tables", name).fits(run) == fits_read(run)


# --- bounds, each on both sides -----------------------------------------------------------------------------


def outcomes(folder, claim, **made_up):
    return [part.outcome for part in findings(folder, claim, **made_up).parts]


def test_c2_is_reproduced_right_above_its_bound(tmp_path):
    for back, outcome in ((1 / 9 - 1e-6, REPRODUCED), (1 / 9 + 1e-6, CONTRADICTED)):
        assert outcomes(tmp_path, "C2", **on_synthetic(graph((0, 3, 1.0), (3, 0, back)))) == [outcome]


@pytest.mark.parametrize(("within", "outcome"), [(0.9001, REPRODUCED), (0.8999, CONTRADICTED)])
def test_c3_needs_nine_tenths_within_the_groups(tmp_path, within, outcome):
    made_up = on_synthetic(graph((0, 3, within), (0, 9, 1.0 - within)))
    assert outcomes(tmp_path, "C3", **made_up) == [outcome]


@pytest.mark.parametrize(("loss", "much"), [(4.99, False), (5.01, True)])
def test_c4_much_is_more_than_five_percent(tmp_path, loss, much):
    # STL's mean error is 20.25: splits 1 to 4 add 0.1 k.
    error = 20 + 20.25 * loss / 100
    amtl, go_mtl = outcomes(tmp_path, "C4", **per_task({3: error}, {0: error, 7: error}))[::-1]
    assert (amtl, go_mtl) == ((CONTRADICTED, REPRODUCED) if much else (REPRODUCED, CONTRADICTED))


@pytest.mark.parametrize(
    ("count", "go_mtl", "amtl"),
    [
        (0, CONTRADICTED, REPRODUCED),
        (1, CONTRADICTED, CONTRADICTED),
        (2, REPRODUCED, CONTRADICTED),
        (3, REPRODUCED, CONTRADICTED),
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
    [(36, REPRODUCED), (33, REPRODUCED), (32, CONTRADICTED), (0, CONTRADICTED)],
)
def test_c5_easy_first_needs_nine_tenths_of_the_pairs(tmp_path, pairs, outcome):
    found = findings(tmp_path, "C5", **curriculum(np.array(order_with(pairs)), 0, 3)).parts[0]
    assert found.effect.mean == pytest.approx(100 * pairs / 36) and found.outcome == outcome


@pytest.mark.parametrize(
    ("early", "outcome"), [(0, REPRODUCED), (0.2, REPRODUCED), (0.21, CONTRADICTED), (-0.21, CONTRADICTED)]
)
def test_c5_early_tasks_gain_or_lose_less_than_one_percent(tmp_path, early, outcome):
    found = findings(tmp_path, "C5", **curriculum(EASY_FIRST, early, 3)).parts
    assert found[1].outcome == outcome and found[1].effect.mean == pytest.approx(100 * early / 20.25)
    assert found[2].outcome == REPRODUCED and found[2].effect.mean == pytest.approx(100 * 3 / 20.25)


def test_c5_halves_are_those_of_the_order_of_training(tmp_path):
    found = findings(tmp_path, "C5", **curriculum(EASY_FIRST[::-1], 2, 3)).parts
    assert [part.effect.mean for part in found[1:]] == pytest.approx([200 / 20.25, 300 / 20.25])


@pytest.mark.parametrize(
    ("smtl", "outcome"),
    [(20.2, REPRODUCED), (19.8, REPRODUCED), (20.21, CONTRADICTED), (19.79, CONTRADICTED)],
)
def test_c6_no_effect_is_less_than_one_percent(tmp_path, smtl, outcome):
    # One per cent of STL's mean error, 20.25, is 0.2025; of SMTL's, slightly more or less.
    assert outcomes(tmp_path, "C6", errors={"synthetic": {"stl": 20, "smtl": smtl}})[0] == outcome


@pytest.mark.parametrize(
    ("slow", "outcome"), [(10.001, REPRODUCED), (10.0, INCONCLUSIVE), (9.999, CONTRADICTED)]
)
def test_c7_compares_the_ratio_with_one(tmp_path, slow, outcome):
    assert outcomes(tmp_path, "C7", errors=BOTH, times={SLOW: slow, FAST: 10.0}) == [outcome]


@pytest.mark.parametrize(
    ("amtl", "go_mtl", "expected"),
    [
        (UP, UP[:1] + DOWN[:1] + [20.0] * 8, [REPRODUCED, REPRODUCED]),
        ([20.0, *UP[:9]], UP[:1] + [20.0] * 9, [INCONCLUSIVE, INCONCLUSIVE]),
        ([20.5, *UP[:9]], UP, [CONTRADICTED, CONTRADICTED]),
        ([20.0] * 10, DOWN, [INCONCLUSIVE, CONTRADICTED]),
        (UP, DOWN[:9] + [20.0], [REPRODUCED, INCONCLUSIVE]),
    ],
)
def test_c13_counts_improved_and_degraded_classes(tmp_path, amtl, go_mtl, expected):
    assert outcomes(tmp_path, "C13", **digits(amtl, go_mtl)) == expected


def test_c13_shows_the_class_that_gains_least_in_points(tmp_path):
    found = findings(tmp_path, "C13", **digits([*UP[:9], 21.5], UP))
    assert (found.parts[0].effect.mean, found.parts[0].unit) == (pytest.approx(-1.5), "points")


@pytest.mark.parametrize(("back", "outcome"), [(1 / 9 - 1e-6, REPRODUCED), (1 / 9 + 1e-6, CONTRADICTED)])
def test_c14_has_the_bound_of_c2(tmp_path, back, outcome):
    both = graph((0, 5, 1.0), (5, 0, back))
    assert outcomes(tmp_path, "C14", **edges_on_mnist(both, both)) == [outcome, outcome]


def test_c14_edges_between_equal_losses_do_not_count(tmp_path):
    made_up = edges_on_mnist(graph((0, 5, 1.0), (5, 0, 0.5), (1, 2, 9.0)), graph())
    made_up["fits"]["mnist", "amtl"]["losses"] = np.array([1.0, 4.0, 4.0, *range(5, 14)])
    assert findings(tmp_path, "C14", **made_up).parts[0].effect.mean == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("gap", "outcome"), [(0.001, REPRODUCED), (0.0, INCONCLUSIVE), (-0.001, CONTRADICTED)]
)
def test_a_lower_error_speaks_for_the_winner(tmp_path, gap, outcome):
    errors = {"school": {"go-mtl": 10 - gap, "amtl": 10}}
    assert outcomes(tmp_path, "C10", errors=errors) == [outcome]
    part = findings(tmp_path, "C10", errors=errors).parts[0]
    assert part.effect.mean == pytest.approx(100 * gap / 10.25)


@pytest.mark.parametrize(
    ("claim", "entry", "winner", "foreign"),
    [
        ("C1", "synthetic", "amtl", "amtl-imbalanced"),
        ("C15", "imbalanced", "amtl-imbalanced", "amtl-curriculum"),
    ],
)
def test_rivals_are_the_methods_of_the_papers_column(tmp_path, claim, entry, winner, foreign):
    table = "table1" if claim == "C1" else "table2"

    def outcome(**errors):
        changed = {name.replace("_", "-"): error for name, error in errors.items()}
        methods = all_methods(winner, 10, table, {foreign: 1, "oracle": 1, **changed})
        parts = findings(tmp_path, claim, errors={entry: methods}).parts
        return next(part for part in parts if claim == "C1" or "best" in part.name).outcome

    assert outcome() == REPRODUCED
    for rival in paper.TABLES[table]["Synthetic"]:
        if rival != winner:
            assert outcome(**{rival: 9}) == CONTRADICTED, rival


def test_a_variant_of_a_dataset_does_not_stand_in_for_it(tmp_path):
    _, inputs = write(tmp_path, {"awa": {"stl": 58, "mtfl": 65}})
    run = run_of([dataset("mine", dataset="awa")], ["stl", "mtfl"])
    assert conclude(CLAIMS["C12"].examine(Results(run, inputs))).verdict == NOT_TESTED


# --- the paper's objective ----------------------------------------------------------------------------------


def test_claims_are_judged_on_ridge_0_with_the_default_as_a_detail(tmp_path):
    errors = {"synthetic": {"stl": 20, "smtl": 19, "smtl-ridge0": 20, "amtl-noloss": 19}}
    errors["synthetic"]["amtl-noloss-ridge0"] = 20
    found = findings(tmp_path, "C6", errors=errors)
    assert found.verdict == REPRODUCED
    assert [(part.counts, part.outcome) for part in found.parts] == [
        (True, REPRODUCED),
        (False, CONTRADICTED),
    ] * 2
    assert len({part.name for part in found.parts}) == 4


def test_a_claim_names_the_methods_judged_with_the_default_ridge(tmp_path):
    methods = {"stl": 20, "smtl": 20, "amtl-noloss": 19, "amtl-noloss-ridge0": 20}
    found = findings(tmp_path, "C6", errors={"synthetic": methods})
    assert found.verdict == REPRODUCED
    assert "smtl-ridge0" in found.reason and "amtl-noloss-ridge0" not in found.reason
    # A method that was not run at all has no default to be judged.
    del methods["smtl"]
    assert "smtl-ridge0" not in findings(tmp_path, "C6", errors={"synthetic": methods}).reason


def test_an_entry_on_some_datasets_only_replaces_the_default_there(tmp_path):
    errors = {
        "mnist": {"amtl": 11, "amtl-ridge0": 9, "amtl-curriculum": 10},
        "usps": {"amtl": 9, "amtl-curriculum": 10},
    }
    found = findings(tmp_path, "C11", errors=errors)
    parts = {part.name: part for part in found.parts if part.effect is not None and part.counts}
    assert [parts[name].outcome for name in ("MNIST", "USPS")] == [REPRODUCED, REPRODUCED]
    assert not parts["MNIST"].caveats and "amtl-ridge0" in parts["USPS"].caveats[0]


def test_rivals_are_on_the_papers_objective_too(tmp_path):
    beaten_by_default = all_methods("amtl", 15, changed={"smtl": 14, "smtl-ridge0": 18, "amtl-ridge0": 15})
    found = findings(tmp_path, "C1", errors={"synthetic": beaten_by_default})
    assert [part.outcome for part in found.parts] == [REPRODUCED, CONTRADICTED]
    assert "amtl-noloss-ridge0" in found.reason


def test_graphs_tasks_and_times_are_those_of_the_entry(tmp_path):
    both = {"synthetic": {"amtl": 10, "amtl-ridge0": 10}}
    to_hard, to_easy = graph((0, 3, 5.0)), graph((3, 0, 5.0))
    fits = {("synthetic", "amtl"): {"B": to_easy}, ("synthetic", "amtl-ridge0"): {"B": to_hard}}
    assert outcomes(tmp_path, "C2", errors=both, fits=fits) == [REPRODUCED, CONTRADICTED]
    tasks = per_task({3: 22}, {0: 22, 7: 23})
    tasks["errors"]["synthetic"]["amtl-ridge0"] = 20
    tasks["tasks"]["synthetic"]["amtl-ridge0"] = flat(19)
    assert outcomes(tmp_path, "C4", **tasks) == [REPRODUCED, REPRODUCED, CONTRADICTED]
    times = {SLOW: 1.0, FAST: 10.0, ("synthetic", "amtl-ridge0"): 20.0}
    errors = {"synthetic": {**both["synthetic"], "amtl-curriculum": 10}}
    assert outcomes(tmp_path, "C7", errors=errors, times=times) == [REPRODUCED, CONTRADICTED]


def test_the_fits_of_the_entries_are_read(tmp_path):
    run = run_of(["synthetic"], ["amtl", "amtl-ridge0", "amtl-curriculum"])
    assert set(fits_read(run)["synthetic"]) == {"amtl", "amtl-ridge0", "amtl-curriculum"}


def test_a_claim_names_entries_with_fits_that_did_not_converge(tmp_path):
    errors = {"school": {"go-mtl": 9, "amtl": 10, "amtl-ridge0": 10}}
    run, inputs = write(tmp_path, errors)
    found = [conclude(CLAIMS["C10"].examine(Results(run, inputs)))]
    with inputs["scores"].open("a", encoding="utf-8") as file:
        file.writelines(f"school,{k},amtl-ridge0,all,converged,{float(k > 1)}\n" for k in range(1, 5))
    found.append(conclude(CLAIMS["C10"].examine(Results(run, inputs))))
    assert [any("amtl-ridge0" in text for text in each.parts[0].caveats) for each in found] == [False, True]
    assert found[0].verdict == found[1].verdict == REPRODUCED and "amtl-ridge0" in found[1].reason
    evidence = [row for row in rows_of(build("evidence", run, inputs)) if row["claim"] == "C10"]
    assert [row["counts"] for row in evidence] == ["1", "0"] and "amtl-ridge0" in evidence[0]["note"]


# --- intervals ----------------------------------------------------------------------------------------------


def test_verdicts_use_students_t_whatever_the_report_shows(tmp_path):
    errors = {"school": {"go-mtl": (9.0, 0.7), "amtl": 10}}
    found = [findings(tmp_path, "C10", errors=errors, interval=kind) for kind in ("normal", "t")]
    effect = found[0].weakest.effect
    assert effect == found[1].weakest.effect
    # 1.96 s/√n would exclude zero.
    assert effect.mean - 1.96 * effect.sd / 2 > 0 > effect.low
    assert found[0].verdict == INCONCLUSIVE


def test_splits_of_one_pool_have_wider_intervals(tmp_path):
    errors = {"school": {"go-mtl": (9.0, 0.5), "amtl": 10}}
    independent = findings(tmp_path, "C10", errors=errors)
    run, inputs = write(tmp_path, errors)
    run = run_of([dataset("school", splits_overlap=True)], ["go-mtl", "amtl"])
    sizes = {part: make_split(rows=(rows,) * 12) for part, rows in (("train", 6), ("test", 3))}
    split = make_split("school", train=sizes["train"].train, test=sizes["test"].test)
    inputs = Inputs(inputs, splits=[write_split(tmp_path / "split1.npz", split)])
    (part,) = CLAIMS["C10"].examine(Results(run, inputs))
    plain = independent.weakest.effect
    assert part.effect.half == pytest.approx(plain.half * np.sqrt(1 + 4 * 3 / 6))
    assert independent.verdict == REPRODUCED and part.outcome == INCONCLUSIVE
    # On the training rows and the validation rows, where the fit is repeated on both.
    inputs["splits"] = [write_split(tmp_path / "split1.npz", replace(split, refit=True))]
    (part,) = CLAIMS["C10"].examine(Results(run, inputs))
    assert part.effect.half == pytest.approx(plain.half * np.sqrt(1 + 4 * 3 / 8))
    # By the share of common test rows, where the dataset states it.
    stated = replace(split, meta={**split.meta, "test_overlap": 0.2})
    inputs["splits"] = [write_split(tmp_path / "split1.npz", stated)]
    (part,) = CLAIMS["C10"].examine(Results(run, inputs))
    assert part.effect.half == pytest.approx(plain.half * np.sqrt(1 + 4 * 0.2 / 0.8))
    for name in ("claims", "evidence"):
        assert plugins.load("tables", name).splits(run) == {"school": [1]}


def test_the_splits_that_would_decide_are_shown(tmp_path):
    run, inputs = write(tmp_path, {"school": {"go-mtl": (9.5, 1.0), "amtl": 10}})
    row = next(row for row in rows_of(build("evidence", run, inputs)) if row["claim"] == "C10")
    assert row["outcome"] == INCONCLUSIVE and int(row["splits_to_decide"]) > 4
    table = build("evidence", run, inputs)
    place = table.columns.index("Splits to decide")
    cells = {title.split(".")[0]: [r[place] for r in rows] for title, rows in table.blocks}
    assert cells["C10"] == [row["splits_to_decide"]] and not any(cells["C8"])


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

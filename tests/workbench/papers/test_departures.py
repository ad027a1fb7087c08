"""The departures from the paper and the entries of the paper's configuration that measure them."""

import pytest

from workbench import config, plugins
from workbench.papers.lee2016.departures import DEPARTURES, PAPERS_OBJECTIVE

PAIRS = [(departure.undo, *pair) for departure in DEPARTURES for pair in departure.pairs]
# The printed SMTL is STL, so STL stands for an entry of SMTL.
SAME_METHOD = [pair for pair in PAIRS if pair[1:] != ("smtl", "stl")]


@pytest.fixture(scope="module")
def paper_run(project):
    return config.normalise(
        config.read([project / "config" / f"{name}.yaml" for name in ("config", "paper")])
    )


@pytest.mark.parametrize(("undo", "reference", "entry"), SAME_METHOD)
def test_a_pair_differs_in_the_option_that_undoes_the_departure_alone(paper_run, undo, reference, entry):
    first, second = (paper_run["methods"][name] for name in (reference, entry))
    assert first["method"] == second["method"]
    changed = {key for key, value in second["options"].items() if value != first["options"][key]}
    (option,) = changed
    value = second["options"][option]
    assert f"{option}: {f'{value:g}' if isinstance(value, float) else value}" in undo


@pytest.mark.parametrize(("undo", "reference", "entry"), PAIRS)
def test_the_papers_run_measures_every_pair(paper_run, undo, reference, entry):
    assert {reference, entry} <= {*paper_run["run"]["methods"], *paper_run["run"]["ablations"]}


def test_the_printed_smtl_is_stl():
    assert plugins.load("methods", "smtl").same_as(None, {"variant": "psd"}) == "stl"


def test_every_method_with_a_ridge_share_has_an_entry_without_it(paper_run):
    shares = {n: e["options"]["ridge"] for n, e in paper_run["methods"].items() if "ridge" in e["options"]}
    with_share = {
        name for name, ridge in shares.items() if ridge and paper_run["methods"][name]["method"] == name
    }
    assert with_share == set(PAPERS_OBJECTIVE)
    assert all(shares[entry] == 0 for entry in PAPERS_OBJECTIVE.values())

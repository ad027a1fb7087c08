"""The files in the folder config."""

import pytest

from amtl.methods import load_method
from amtl.model_selection import tune
from amtl.splits import check_split
from helpers.pages import blocks
from workbench import config, plugins

DEFAULT = ("config",)
PAPER = (*DEFAULT, "paper")
SURVEY = (*DEFAULT, "survey")
SMOKE = (*DEFAULT, "test/smoke")
RUNS = [
    DEFAULT,
    PAPER,
    (*PAPER, "replication"),
    (*PAPER, "many-classes"),
    SURVEY,
    (*SURVEY, "survey-default"),
    (*DEFAULT, "statements"),
    (*DEFAULT, "2mtl"),
    (*DEFAULT, "networks"),
    SMOKE,
    (*SMOKE, "test/smoke-raw"),
    (*DEFAULT, "own-data"),
    (*DEFAULT, "own-data", "own-data-all"),
]
WITHOUT_ABLATIONS = {"2mtl", "many-classes", "own-data", "own-data-all", "statements", "survey"}
WITH_ABLATIONS = [run for run in RUNS if run != DEFAULT and not WITHOUT_ABLATIONS & set(run)]


def complete(project, *names):
    """Return the complete configuration of files in the folder config."""
    return config.normalise(config.read([project / "config" / f"{name}.yaml" for name in names]))


@pytest.mark.parametrize("names", RUNS, ids="+".join)
def test_files_are_valid(project, names):
    complete(project, *names)


def test_every_configuration_file_is_tested(project):
    folder = project / "config"
    files = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")}
    assert files - {"raw-files"} == {name for names in RUNS for name in names}


def test_all_methods_of_own_data_are_all_that_need_no_order_and_no_grid(project):
    specs = [load_method(name) for name in plugins.find("methods")]
    special = {"overlapped-trace", "latent-trace", "tgl", "cfsgl"}
    expected = {spec.name for spec in specs if not spec.needs_truth} - special
    methods = complete(project, *DEFAULT, "own-data", "own-data-all")["run"]["methods"]
    assert set(methods) == expected and len(methods) == len(expected)


@pytest.mark.parametrize("names", WITH_ABLATIONS, ids="+".join)
def test_every_ablation_changes_an_option_and_has_a_title_and_a_question(project, names):
    content = complete(project, *names)
    run, methods = content["run"], content["methods"]
    assert run["ablations"] and set(run["ablation_datasets"]) <= set(run["datasets"])
    for name in run["ablations"]:
        entry = methods[name]
        assert entry["options"] != methods[entry["method"]]["options"]
        assert "?" in entry["question"] and entry["title"] != name
    titles = [methods[name]["title"] for name in [*run["methods"], *run["ablations"]]]
    assert len(set(titles)) == len(titles)


def test_replication_differs_from_the_paper_in_the_number_of_splits_alone(project):
    once, often = complete(project, *PAPER), complete(project, *PAPER, "replication")
    assert (once["run"].pop("splits"), often["run"].pop("splits")) == (5, 30)
    assert (once["run"].pop("name"), often["run"].pop("name")) == ("paper", "replication")
    assert once == often and often["run"]["ablation_splits"] == 5


def test_examples_of_the_documentation_work(project, folder):
    """The plug-ins are written to a folder, read by the configuration, and fitted."""
    pages = {}
    for name in ("methods/my_method.py", "datasets/two_lines.py"):
        page = project / "docs" / "how-to" / f"add-a-{name.partition('s/')[0]}.md"
        pages[name] = page.read_text(encoding="utf-8")
        assert f"`my_study/{name}`" in pages[name]
        (folder / name).write_text(blocks(pages[name], "python")[0], encoding="utf-8")
    text = pages["methods/my_method.py"]
    example = next(each for each in blocks(text, "yaml") if each.startswith("plugins:"))
    path = folder / "run.yaml"
    path.write_text(example.replace("my_study", str(folder)), encoding="utf-8")
    content = config.normalise(config.read([path]))
    dataset = content["datasets"]["two-lines"]
    split = plugins.load_module(dataset["module"]).make_split(1, dataset["options"], {}, 0)
    check_split(split)
    module, options = (content["methods"]["my-method"][key] for key in ("module", "options"))
    stl, alone = (
        tune(spec, split, dataset["loss"], given, 6).fit.W
        for spec, given in (
            (load_method("stl"), {}),
            (plugins.load_module(module), {**options, "pull": 0}),
        )
    )
    # Without the pull it is single-task learning.
    assert alone == pytest.approx(stl)

"""The files in the folder config."""

import re

import pytest

from amtl.model_selection import tune
from amtl.splits import check_split
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
    SMOKE,
    (*SMOKE, "test/smoke-raw"),
    (*DEFAULT, "own-data"),
]
WITHOUT_ABLATIONS = {"many-classes", "own-data", "survey"}
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
    pages = [project / "docs" / "how-to" / f"add-a-{kind}.md" for kind in ("method", "dataset")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    blocks = re.findall(r"`my_study/(\S+)`.*?```python\n(.*?)```", text, flags=re.DOTALL)
    assert [name for name, _ in blocks] == ["methods/half_stl.py", "datasets/two_lines.py"]
    for name, code in blocks:
        (folder / name).write_text(code, encoding="utf-8")
    example = re.search(r"```yaml\n(plugins:.*?)```", text, flags=re.DOTALL)[1]
    path = folder / "run.yaml"
    path.write_text(example.replace("my_study", str(folder)), encoding="utf-8")
    content = config.normalise(config.read([path]))
    dataset = content["datasets"]["two-lines"]
    split = plugins.load_module(dataset["module"]).make_split(1, dataset["options"], {}, 0)
    check_split(split)
    stl, half = (
        tune(plugins.load_module(method["module"]), split, dataset["loss"], method["options"], 6)
        for method in (content["methods"]["stl"], content["methods"]["half-stl"])
    )
    assert half.fit.W == pytest.approx(0.5 * stl.fit.W)

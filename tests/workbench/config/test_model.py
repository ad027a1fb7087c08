"""The complete configuration: defaults, entries, ablations and the names that a run uses."""

import copy
import sys

import pytest

from amtl.errors import InputError
from workbench import config, plugins


def fails(content, *parts):
    """Assert that `content` is an error whose one line has all `parts`."""
    with pytest.raises(InputError) as error:
        config.normalise(content)
    message = str(error.value)
    assert "\n" not in message and message.startswith("config: ")
    for part in parts:
        assert part in message


def test_defaults_are_filled_in(minimal):
    """The defaults of published results: a change of one changes what a run computes."""
    given = copy.deepcopy(minimal)
    complete = config.normalise(minimal)
    assert minimal == given
    run = complete["run"]
    assert (run["splits"], run["grid_points"], run["seed"]) == (5, 60, 0)
    assert (run["max_iterations"], run["tolerance"]) == (4000, 1e-6)
    assert (run["ablations"], run["ablation_splits"], run["strict"]) == ([], 5, False)
    registry = "config/raw-files.yaml"
    assert complete["data"] == {"folder": None, "registry": registry, "timeout": 30, "attempts": 4}
    assert complete["report"] == {"interval": "t", "outputs": None}
    benchmark = complete["benchmark"]
    assert (benchmark["repeats"], benchmark["warmups"], benchmark["tolerance"]) == (5, 1, 1e-6)
    assert (benchmark["time_limit"], benchmark["memory_limit"]) == (120, 20)
    assert [len(sizes) for sizes in benchmark["scaling"].values()] == [8, 7, 10, 3]


def test_a_section_given_in_part_keeps_its_other_defaults(with_key):
    scaling = config.normalise(with_key("benchmark.scaling", {"rows": [10]}))["benchmark"]["scaling"]
    assert scaling["rows"] == [10] and scaling["tasks"][-1] == 2000


def test_built_in_entry(minimal, folder):
    complete = config.normalise(minimal)
    assert complete["methods"] == {
        "soft-graph": {
            "method": "soft-graph",
            "title": "Soft graph",
            "question": "",
            "max_iterations": None,
            "not_on": [],
            "module": f"{folder.name}.methods.soft_graph",
            "options": {"fit_loss": "sum", "intercept": "feature", "delta": "train"},
        }
    }
    dataset = complete["datasets"]["big-fruit"]
    assert dataset.keys() == {"dataset", "title", "loss", "splits", "methods", "module", "options"}
    assert (dataset["dataset"], dataset["title"]) == ("big-fruit", "Big fruit")
    assert dataset["module"] == f"{folder.name}.datasets.big_fruit"
    assert dataset["options"]["source"] == "bundled" and "loss" not in dataset["options"]


def test_entry_under_a_new_name(with_key):
    content = with_key("methods.by-validation", {"method": "soft-graph", "delta": "validation"})
    content["datasets"] = {"few": {"dataset": "big-fruit", "rows": 3}}
    content["run"] = {"datasets": ["few"], "methods": ["by-validation", "soft-graph"]}
    complete = config.normalise(content)
    new, old = complete["methods"]["by-validation"], complete["methods"]["soft-graph"]
    assert (new["method"], new["title"], new["module"]) == ("soft-graph", "by-validation", old["module"])
    assert (new["options"]["delta"], old["options"]["delta"]) == ("validation", "train")
    few = complete["datasets"]["few"]
    assert (few["dataset"], few["title"], few["options"]["rows"]) == ("big-fruit", "few", 3)


@pytest.mark.parametrize("name", ["soft-graph", "new"])
def test_given_title_is_kept(with_key, name):
    complete = config.normalise(with_key(f"methods.{name}", {"method": "soft-graph", "title": "My title"}))
    assert complete["methods"][name]["title"] == "My title"
    content = with_key("datasets.big-fruit.title", "My data")
    assert config.normalise(content)["datasets"]["big-fruit"]["title"] == "My data"


def test_entry_may_repeat_its_own_name(with_key):
    complete = config.normalise(with_key("methods.soft-graph.method", "soft-graph"))
    assert complete["methods"]["soft-graph"]["title"] == "Soft graph"


@pytest.mark.parametrize(
    ("dataset", "given", "loss"),
    [
        ("big-fruit", "auto", "logistic"),
        ("height", "auto", "squared"),
        ("big-fruit", "squared", "squared"),
        ("height", "squared", "squared"),
    ],
)
def test_loss_follows_the_kind_of_dataset(with_key, dataset, given, loss):
    content = with_key(f"datasets.{dataset}.loss", given)
    assert config.normalise(content)["datasets"][dataset]["loss"] == loss


def test_logistic_loss_needs_classes(with_key):
    fails(with_key("datasets.height.loss", "logistic"), "datasets.height.loss")


def test_only_named_entries_are_imported(with_key, folder):
    for section in ("datasets", "methods"):
        (folder / section / "broken.py").write_text("raise AssertionError('imported')", encoding="utf-8")
    complete = config.normalise(with_key("methods.plain.fit_loss", "mean"))
    assert complete["methods"].keys() == {"soft-graph", "plain"}
    assert complete["datasets"].keys() == {"big-fruit"}
    assert f"{folder.name}.datasets.height" not in sys.modules


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("run.datasets", ["big-friut"], ["run.datasets[0]", "'big-friut'", "did you mean 'big-fruit'?"]),
        ("run.methods", ["plain", "plian"], ["run.methods[1]", "'plian'", "did you mean 'plain'?"]),
        ("run.ablations", ["plian"], ["run.ablations[0]", "did you mean 'plain'?"]),
        ("run.ablation_datasets", ["heigth"], ["run.ablation_datasets[0]", "did you mean 'height'?"]),
        ("benchmark.cases", ["l21", "start-pu"], ["benchmark.cases[1]", "did you mean 'start-up'?"]),
        (
            "datasets.big-friut.rows",
            3,
            ["datasets.big-friut", "did you mean 'big-fruit'?", "datasets.big-friut.dataset"],
        ),
        ("methods.plian.fit_loss", "sum", ["methods.plian", "did you mean 'plain'?", "methods.plian.method"]),
        ("datasets.new", {"dataset": "heigth"}, ["datasets.new.dataset", "did you mean 'height'?"]),
        ("datasets.new", {"dataset": ["height"]}, ["datasets.new.dataset", "'height'"]),
        ("methods.new", {"method": {"plain": 1}}, ["methods.new.method", "'plain'"]),
        ("methods.soft-graph.dleta", "train", ["methods.soft-graph.dleta", "did you mean 'delta'?"]),
        ("methods.plain.delta", "train", ["methods.plain.delta", "fit_loss"]),
        ("methods.soft-graph.delta", "test", ["methods.soft-graph.delta", "'train', 'validation'"]),
    ],
)
def test_unknown_name_gives_the_key_and_the_nearest_name(with_key, path, value, parts):
    fails(with_key(path, value), *parts)


def test_misspelt_shipped_method_gives_the_nearest_shipped_name(with_key):
    fails(with_key("run.methods", ["amlt"]), "run.methods[0]: unknown method 'amlt'", "'amtl'")


def test_entry_cannot_vary_another_entry(with_key):
    content = with_key("methods.first", {"method": "plain"})
    content["methods"]["second"] = {"method": "first"}
    fails(content, "methods.second.method", "'first'")


def ablated(with_key, **run):
    """Return a configuration with the ablation `short` of the run's method."""
    content = with_key("methods.short", {"method": "soft-graph", "delta": "validation", "question": "Why?"})
    content["run"] |= {"ablations": ["short"], **run}
    return content


def test_ablations_are_off_by_default_and_run_on_all_datasets(minimal, with_key):
    assert config.normalise(minimal)["run"]["ablations"] == []
    complete = config.normalise(ablated(with_key))
    assert complete["run"]["ablation_datasets"] == ["big-fruit"] and complete["run"]["ablation_splits"] == 5
    entry = complete["methods"]["short"]
    assert entry["question"] == "Why?" and "question" not in entry["options"]


def test_ablation_that_is_also_a_method_is_an_error(with_key):
    content = ablated(with_key, methods=["soft-graph", "short"])
    fails(content, "run.ablations[0]", "'short'", "run.methods")


def test_ablation_of_a_method_outside_the_run_is_an_error(with_key):
    fails(ablated(with_key, methods=["plain"]), "run.ablations[0]", "'short'", "'soft-graph'", "run.methods")


def test_built_in_method_cannot_be_an_ablation_of_itself(with_key):
    fails(with_key("run.ablations", ["plain"]), "run.ablations[0]", "'plain'", "run.methods")


def test_ablation_datasets_outside_the_run_are_allowed_beside_one_inside(with_key):
    config.normalise(ablated(with_key, ablation_datasets=["height", "big-fruit"]))
    fails(ablated(with_key, ablation_datasets=["height"]), "run.ablation_datasets", "run.datasets")
    config.normalise(with_key("run.ablation_datasets", ["height"]))


@pytest.mark.parametrize("value", [True, "true"])
def test_strict_without_its_section(minimal, value):
    assert config.normalise(minimal)["run"]["strict"] is False
    short = config.normalise({**minimal, "strict": value})
    assert short["run"]["strict"] is True and "strict" not in short


def test_short_strict_overrides_run_strict(with_key):
    content = {**with_key("run.strict", True), "strict": False}
    assert config.normalise(content)["run"]["strict"] is False
    assert config.normalise(with_key("run.strict", True))["run"]["strict"] is True


def test_null_cases_are_all_cases(minimal):
    assert config.normalise(minimal)["benchmark"]["cases"] == list(plugins.find("cases"))


def test_files_are_read_and_checked(tmp_path, minimal):
    path = tmp_path / "run.yaml"
    path.write_text(f"plugins: {minimal['plugins']}\nrun: {minimal['run']}\n", encoding="utf-8")
    config.normalise(config.read([path]))
    with pytest.raises(InputError, match="run.splits"):
        config.normalise(config.read([path], {"run": {"splits": 0}}))

"""Values: text read as numbers, one form of each number, defaults and validation."""

import json
import math

import pytest

from amtl.errors import InputError
from workbench import config


def value_at(complete, path):
    """Return the value at the dotted `path`, where the keys of an entry are its options."""
    section, *names, key = path.split(".")
    return complete[section][names[0]]["options"][key] if names else complete[section][key]


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("run.splits", "2", 2),
        ("run.splits", "1e1", 10),
        ("run.tolerance", "1e-4", 1e-4),
        ("run.tolerance", "1", 1.0),
        ("datasets.big-fruit.refit", "true", True),
        ("datasets.big-fruit.refit", "false", False),
        ("datasets.big-fruit.columns", "28", 28),
        ("datasets.big-fruit.weight", "3", 3.0),
        ("datasets.big-fruit.scales", ["3", "1e-1"], [3.0, 0.1]),
        ("data.folder", "7", "7"),
        ("benchmark.repeats", "3", 3),
        ("benchmark.cases", "null", ...),
    ],
)
def test_text_is_read_as_the_type_of_the_key(with_key, path, text, value):
    """Snakemake passes everything inside a value of --config as text."""
    complete = config.normalise(with_key(path, text))
    if value is ...:
        value = config.normalise(with_key(path, None))["benchmark"]["cases"]
    assert json.dumps(value_at(complete, path)) == json.dumps(value)


@pytest.mark.parametrize(
    ("path", "given", "same"),
    [
        ("run.splits", 2.0, 2),
        ("run.tolerance", 1, 1.0),
        ("data.attempts", 1.0, 1),
        ("data.timeout", 3, 3.0),
        ("benchmark.scaling", {"rows": [10.0]}, {"rows": [10]}),
        ("datasets.big-fruit.rows", 40.0, 40),
        ("datasets.big-fruit.noise", 20, 20.0),
        ("datasets.big-fruit.noise", "20", 20.0),
        ("datasets.big-fruit.weight", 3, 3.0),
        ("datasets.big-fruit.scales", [3, 4.5], [3.0, 4.5]),
        ("datasets.big-fruit.columns", 28.0, 28),
    ],
)
def test_equal_numbers_are_the_same_setting(with_key, path, given, same):
    written = json.dumps(value_at(config.normalise(with_key(path, given)), path))
    assert written == json.dumps(value_at(config.normalise(with_key(path, same)), path))
    assert json.dumps(same).strip("{}") in written


def test_default_and_equal_number_are_the_same_setting(minimal, with_key):
    plain = json.dumps(config.normalise(minimal))
    given = with_key("datasets.big-fruit", {"noise": 25, "rows": 30.0, "scales": [1.0, 2.0]})
    assert json.dumps(config.normalise(given)) == plain


def test_integers_and_numbers_keep_their_types(minimal):
    complete = config.normalise(minimal)
    options = complete["datasets"]["big-fruit"]["options"]
    assert json.dumps(options["scales"]) == "[1.0, 2.0]" and options["weight"] is None
    assert json.dumps(complete["data"]["timeout"]) == "30.0" and json.dumps(complete["run"]["seed"]) == "0"


def test_order_of_keys_does_not_matter(with_key):
    content = with_key("datasets.other", {"dataset": "big-fruit", "rows": 3, "noise": 2})
    content["methods"] = {"b": {"method": "plain"}, "a": {"method": "plain", "title": "A"}}
    assert json.dumps(config.normalise(content)) == json.dumps(config.normalise(reversed_keys(content)))


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return value


def test_lists_keep_their_order(with_key):
    assert config.normalise(with_key("benchmark.cases", ["start-up", "l21"]))["benchmark"]["cases"] == [
        "start-up",
        "l21",
    ]


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("run.split", 3, ["run.split", "did you mean 'splits'?"]),
        ("rum", {}, ["rum", "did you mean 'run'?"]),
        ("benchmark.scaling", {"row": []}, ["benchmark.scaling.row", "did you mean 'rows'?"]),
        ("run.splits", 0, ["run.splits", "0"]),
        ("run.splits", "five", ["run.splits", "'five'"]),
        ("run.splits", 1e300, ["run.splits", "1000"]),
        ("run.splits", 2.5, ["run.splits", "2.5", "whole number", "3"]),
        ("run.splits", True, ["run.splits", "True"]),
        ("run.grid_points", "7", ["run.grid_points", "7 is not a multiple of 6"]),
        ("run.grid_points", 600000, ["run.grid_points", "60000"]),
        ("run.methods", ["plain", 3], ["run.methods[1]", "3"]),
        ("run.methods", ["plain", "plain"], ["run.methods"]),
        ("run.methods", [], ["run.methods"]),
        ("run.methods", "plain", ["run.methods", "list"]),
        ("run.name", "My Run", ["run.name", "'My Run'"]),
        ("run.name", "benchmark", ["run.name", "'benchmark'"]),
        ("run", None, ["run", "mapping"]),
        ("run", {"methods": ["plain"]}, ["run", "'datasets'"]),
        ("data.folder", 3, ["data.folder", "text or null"]),
        ("datasets", [], ["datasets", "mapping"]),
        ("datasets", {2024: {"dataset": "big-fruit"}}, ["datasets", "2024", "text"]),
        ("methods", {True: {"method": "plain"}}, ["methods", "True", "text"]),
        ("datasets", {"small\n": {"dataset": "big-fruit"}}, ["datasets", "'small\\n'"]),
        ("datasets.Big_one", {"dataset": "big-fruit"}, ["datasets", "'Big_one'"]),
        ("datasets.big-fruit", None, ["datasets.big-fruit", "mapping"]),
        ("datasets.big-fruit.rows", 10**6, ["datasets.big-fruit.rows", "1000"]),
        ("datasets.big-fruit.columns", True, ["datasets.big-fruit.columns", "True"]),
        ("datasets.big-fruit.scales", [1, "x"], ["datasets.big-fruit.scales[1]", "'x'"]),
        ("datasets.big-fruit.sorce", "idx", ["datasets.big-fruit.sorce", "did you mean 'source'?"]),
        ("datasets.big-fruit.source", "id", ["datasets.big-fruit.source", "'bundled', 'idx'"]),
        ("run.tolerance", math.nan, ["run.tolerance"]),
        ("run.tolerance", math.inf, ["run.tolerance"]),
        ("run.tolerance", "inf", ["run.tolerance"]),
        ("run.tolerance", 10**400, ["run.tolerance"]),
        ("datasets.big-fruit.scales", [1.0, math.nan], ["datasets.big-fruit.scales[1]"]),
        ("strict", "perhaps", ["strict", "'perhaps'"]),
    ],
)
def test_invalid_value_gives_one_line_with_the_key(with_key, path, value, parts):
    with pytest.raises(InputError) as error:
        config.normalise(with_key(path, value))
    message = str(error.value)
    assert "\n" not in message and message.startswith("config: ")
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("path", "valid", "invalid"),
    [
        ("run.splits", [1, 1000], [0, 1001]),
        ("run.grid_points", [6, 60000], [0, 9, 60006]),
        ("run.seed", [0], [-1]),
        ("run.max_iterations", [1], [0]),
        ("run.tolerance", [1e-300], [0]),
        ("run.ablation_splits", [1], [0]),
        ("run.datasets", [["height"]], [[], ["height", "height"]]),
        ("run.methods", [["plain"]], [[], ["plain", "plain"]]),
        ("run.ablations", [[]], [["plain", "plain"]]),
        ("run.ablation_datasets", [None, ["height"]], [["height", "height"]]),
        ("data.folder", [None, "x"], [""]),
        ("data.registry", ["x"], [""]),
        ("data.timeout", [0.1], [0]),
        ("data.attempts", [1], [0]),
        ("benchmark.cases", [None, ["l21"]], [[], ["l21", "l21"]]),
        ("benchmark.repeats", [1], [0]),
        ("benchmark.warmups", [0], [-1]),
        ("benchmark.tolerance", [1e-300], [0]),
        ("benchmark.time_limit", [0.1], [0]),
        ("benchmark.memory_limit", [0.1], [0]),
        ("benchmark.scaling.tasks", [[], [2]], [[1], [2, 2]]),
        ("benchmark.scaling.features", [[], [2]], [[1], [2, 2]]),
        ("benchmark.scaling.rows", [[], [2]], [[1], [2, 2]]),
        ("methods.plain.title", ["x"], [""]),
        ("datasets.height.title", ["x"], [""]),
    ],
)
def test_bounds(with_key, path, valid, invalid):
    for value in valid:
        config.normalise(with_key(path, value))
    for value in invalid:
        with pytest.raises(InputError, match=path):
            config.normalise(with_key(path, value))


def test_plugin_folder_given_twice_is_an_error(minimal):
    with pytest.raises(InputError, match="plugins"):
        config.normalise(minimal | {"plugins": minimal["plugins"] * 2})


@pytest.mark.parametrize(
    "section", ["run", "data", "report", "benchmark", "datasets.height", "methods.plain"]
)
def test_unknown_key_is_an_error_in_every_section(with_key, section):
    with pytest.raises(InputError, match=f"{section}.nonsense"):
        config.normalise(with_key(f"{section}.nonsense", 1))


def test_configuration_without_run_is_an_error():
    with pytest.raises(InputError, match="'run'"):
        config.normalise({"data": {"attempts": 1}})

"""The configuration: defaults, strictness, and the reference in config/README.md."""

import copy
import math

import pytest
import yaml
from jsonschema import Draft202012Validator

from amtl.errors import InputError
from workbench import config

MINIMAL = {"run": {"datasets": ["mnist"], "methods": ["amtl"]}}


def with_key(path, value):
    """Return the minimal configuration with `value` at the dotted `path`."""
    content = copy.deepcopy(MINIMAL)
    inner = content
    *folders, last = path.split(".")
    for folder in folders:
        inner = inner.setdefault(folder, {})
    inner[last] = value
    return content


def test_defaults_are_filled_in():
    complete = config.normalise(MINIMAL)
    assert complete["run"]["splits"] == 5 and complete["run"]["seed"] == 0
    assert complete["data"]["folder"] is None
    assert complete["datasets"]["mnist"]["options"]["source"] == "bundled"
    assert complete["methods"]["amtl"]["title"] == "AMTL"
    assert complete["methods"]["amtl"]["options"]["fit_loss"] == "sum"
    assert MINIMAL == {"run": {"datasets": ["mnist"], "methods": ["amtl"]}}


def test_the_loss_follows_the_kind_of_dataset():
    datasets = config.normalise(MINIMAL)["datasets"]
    assert (datasets["mnist"]["loss"], datasets["school"]["loss"]) == ("logistic", "squared")
    assert (
        config.normalise(with_key("datasets.mnist.loss", "squared"))["datasets"]["mnist"]["loss"] == "squared"
    )


def test_an_entry_under_a_new_name():
    content = with_key("methods.amtl-validation", {"method": "amtl", "delta": "validation"})
    content["run"]["methods"].append("amtl-validation")
    complete = config.normalise(content)["methods"]
    assert complete["amtl-validation"]["module"] == "amtl"
    assert complete["amtl-validation"]["title"] == "amtl-validation"
    assert complete["amtl-validation"]["options"]["delta"] == "validation"
    assert complete["amtl"]["options"]["delta"] == "train"


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("run.splits", "2", 2),
        ("run.tolerance", "1e-4", 1e-4),
        ("datasets.school.refit", "false", False),
        ("datasets.school.columns", "28", 28),
        ("data.folder", "7", "7"),
        ("benchmark.repeats", "3", 3),
        ("run.splits", "1e1", 10),
    ],
)
def test_values_given_as_text_are_read(path, text, value):
    """Snakemake hands over what stands inside a value of --config as text."""
    complete = config.normalise(with_key(path, text))
    section, *names, key = path.split(".")
    found = complete[section][names[0]]["options"][key] if names else complete[section][key]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("run.splits", 2.0, 2),
        ("data.attempts", 1.0, 1),
        ("datasets.school.columns", 28.0, 28),
        ("datasets.mnist.train_rows", 30.0, 30),
        ("data.timeout", 3.0, 3.0),
    ],
)
def test_whole_numbers_with_a_point_are_integers_where_integers_are_wanted(path, given, value):
    complete = config.normalise(with_key(path, given))
    section, *names, key = path.split(".")
    found = complete[section][names[0]]["options"][key] if names else complete[section][key]
    assert found == value and type(found) is type(value)
    sizes = config.normalise(with_key("benchmark.scaling", {"rows": [10.0]}))["benchmark"]["scaling"]["rows"]
    assert str(sizes) == "[10]"


def test_numbers_in_a_list_given_as_text_are_read():
    complete = config.normalise(with_key("benchmark.scaling", {"rows": ["10", "100"]}))
    assert complete["benchmark"]["scaling"]["rows"] == [10, 100]
    assert complete["benchmark"]["scaling"]["tasks"][0] == 10


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("run.datasets", ["minst"], ["run.datasets", "'minst'", "did you mean 'mnist'?"]),
        ("run.methods", ["amlt"], ["run.methods", "'amlt'", "did you mean 'amtl'?"]),
        ("run.ablations", ["amlt"], ["run.ablations", "'amlt'", "did you mean 'amtl'?"]),
        ("run.ablations", ["amtl"], ["run.ablations", "'amtl' is in run.methods too"]),
        ("run.ablation_datasets", ["minst"], ["run.ablation_datasets", "did you mean 'mnist'?"]),
        ("run.ablations", ["stl"], ["run.ablations", "'stl' varies 'stl', which is not in run.methods; add"]),
        ("run.split", 3, ["unknown key run.split", "did you mean 'splits'?"]),
        ("rum", {}, ["unknown key rum", "did you mean 'run'?"]),
        ("datasets.mnist.sorce", "idx", ["unknown key datasets.mnist.sorce", "did you mean 'source'?"]),
        ("datasets.mnist.source", "id", ["datasets.mnist.source", "'bundled', 'idx'"]),
        ("datasets.minst.source", "idx", ["datasets.minst", "did you mean 'mnist'?", "`dataset`"]),
        ("datasets.small", {"dataset": "minst"}, ["datasets.small.dataset", "did you mean 'mnist'?"]),
        ("methods.amtl.dleta", "train", ["unknown key methods.amtl.dleta", "did you mean 'delta'?"]),
        ("methods.stl.delta", "train", ["unknown key methods.stl.delta", "valid names: fit_loss"]),
        ("datasets.school.loss", "logistic", ["datasets.school.loss", "use squared"]),
        ("run.splits", 0, ["run.splits", "minimum of 1"]),
        ("run.splits", "five", ["run.splits", "'integer'"]),
        ("run.grid_points", "7", ["run.grid_points", "7 is not a multiple of 6"]),
        ("run", None, ["run", "'object'"]),
        ("datasets.mnist", None, ["datasets.mnist", "'object'"]),
        ("data.folder", 3, ["data.folder", "'string', 'null'"]),
        ("datasets.Big_one", {"dataset": "mnist"}, ["datasets", "'Big_one'"]),
        ("datasets", {"small\n": {"dataset": "mnist"}}, ["datasets", "'small\\n'"]),
        ("datasets", {2024: {"dataset": "mnist"}}, ["datasets", "2024", "put it in quotes"]),
        ("methods", {True: {"method": "stl"}}, ["methods", "True", "put it in quotes"]),
        ("datasets.small", {"dataset": ["mnist"]}, ["datasets.small.dataset", "'mnist'"]),
        ("methods.mine", {"method": {"stl": 1}}, ["methods.mine.method", "'stl'"]),
        ("run.splits", 1e300, ["run.splits", "maximum of 10000"]),
        ("run.splits", 2.5, ["run.splits", "2.5", "'integer'"]),
        ("run.grid_points", 600000, ["run.grid_points", "maximum of 60000"]),
        ("datasets.mnist.train_rows", 10**12, ["datasets.mnist.train_rows", "maximum of 10000000"]),
    ],
)
def test_what_is_wrong_is_named_in_one_line(path, value, parts):
    with pytest.raises(InputError) as error:
        config.normalise(with_key(path, value))
    message = str(error.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_tolerance_that_is_no_number_is_refused(value):
    with pytest.raises(InputError, match="run.tolerance"):
        config.normalise(with_key("run.tolerance", value))


def read_files(project, *names):
    """Return the configuration of files in the folder `config`, read one after the other."""
    content = {}
    for name in ("config", *names):
        for section, keys in yaml.safe_load((project / "config" / f"{name}.yaml").read_text()).items():
            content.setdefault(section, {}).update(keys)
    return config.normalise(content)


FILES = [(), ("benchmark",), ("paper",), ("paper", "replication"), ("smoke",), ("smoke", "smoke-raw")]


@pytest.mark.parametrize("names", FILES, ids="-".join)
def test_the_files_in_the_folder_hold_to_the_schema(project, names):
    read_files(project, *names)


@pytest.mark.parametrize(
    "names", [names for names in FILES if names not in ((), ("benchmark",))], ids="-".join
)
def test_every_ablation_in_the_files_changes_something_of_a_method_of_the_run_and_says_why(project, names):
    content = read_files(project, *names)
    run, methods = content["run"], content["methods"]
    assert run["ablations"] and set(run["ablation_datasets"]) <= set(run["datasets"])
    for name in run["ablations"]:
        entry = methods[name]
        reference = entry["method"]
        assert reference in run["methods"] and name not in run["methods"]
        assert entry["options"] != methods[reference]["options"]
        assert entry["question"].endswith(("?", ".")) and entry["title"] != name
    titles = [methods[name]["title"] for name in [*run["methods"], *run["ablations"]]]
    assert len(set(titles)) == len(titles)


def test_replication_differs_from_the_paper_in_the_number_of_splits_alone(project):
    once, often = read_files(project, "paper"), read_files(project, "paper", "replication")
    assert (once["run"].pop("splits"), often["run"].pop("splits")) == (5, 30)
    assert once == often and often["run"]["ablation_splits"] == 5


def test_ablations_are_off_unless_asked_for_and_then_on_all_datasets():
    assert config.normalise(MINIMAL)["run"]["ablations"] == []
    content = with_key("methods.amtl-cold", {"method": "amtl", "start": "cold", "question": "Why?"})
    content["run"]["ablations"] = ["amtl-cold"]
    complete = config.normalise(content)
    assert complete["run"]["ablation_datasets"] == ["mnist"] and complete["run"]["ablation_splits"] == 5
    assert complete["methods"]["amtl-cold"]["question"] == "Why?"
    # What the report says of an entry is no option of its fit.
    assert "question" not in complete["methods"]["amtl-cold"]["options"]


def test_ablations_need_a_dataset_and_a_method_of_the_run():
    content = with_key("methods.amtl-cold", {"method": "amtl", "start": "cold", "question": "Why?"})
    content["run"] |= {"ablations": ["amtl-cold"], "ablation_datasets": ["school", "mnist"]}
    config.normalise(content)
    content["run"]["ablation_datasets"] = ["school"]
    with pytest.raises(InputError, match="run.ablation_datasets: none of its datasets is in run.datasets"):
        config.normalise(content)
    config.normalise({**content, "run": {**content["run"], "ablations": []}})
    content["run"] |= {"ablation_datasets": None, "methods": ["stl"]}
    with pytest.raises(InputError, match="'amtl-cold' varies 'amtl', which is not in run.methods"):
        config.normalise(content)


def all_keys():
    """Yield (path, schema of the key) of every key with a value, those of the modules too."""
    for section, part in config.load_schema()["properties"].items():
        if part["type"] != "object":
            yield section, part
            continue
        keys = part.get("properties") or part["additionalProperties"]["properties"]
        yield from ((f"{section}.{key}", rule) for key, rule in keys.items())
    for folder in config.KINDS:
        for entry, module in config.builtin(folder).items():
            options = config.facts(folder, module)["OPTIONS"]
            yield from ((f"{folder}.{entry}.{key}", rule) for key, rule in options.items())


@pytest.mark.parametrize(("path", "rule"), list(all_keys()), ids=[path for path, _ in all_keys()])
def test_every_key_is_described_and_its_default_and_example_are_valid(path, rule):
    Draft202012Validator.check_schema(rule)
    assert len(rule["description"]) > 10
    validator = Draft202012Validator(rule)
    for value in [*rule.get("examples", []), *([rule["default"]] if "default" in rule else [])]:
        assert validator.is_valid(value), (path, value)


def test_only_keys_without_a_sensible_default_have_none():
    without = {path for path, rule in all_keys() if "default" not in rule}
    named = {"datasets.dataset", "methods.method", "methods.title"}
    assert without == {"run.datasets", "run.methods", "strict", *named}


@pytest.mark.parametrize("value", [True, "true"])
def test_strict_may_be_given_without_its_section(value):
    plain = with_key("run.seed", 3)
    assert config.normalise(plain)["run"]["strict"] is False
    short = config.normalise({**plain, "strict": value})
    assert short["run"]["strict"] is True and "strict" not in short
    with pytest.raises(InputError, match="strict"):
        config.normalise({**plain, "strict": "perhaps"})


def test_no_option_hides_a_common_key():
    for folder in config.KINDS:
        common = config.load_schema()["properties"][folder]["additionalProperties"]["properties"].keys()
        for module in config.builtin(folder).values():
            assert not common & config.facts(folder, module)["OPTIONS"].keys()


def test_every_method_can_be_read_without_importing_it():
    assert {"stl", "amtl", "amtl-curriculum", "mean"} <= config.builtin("methods").keys()
    for module in config.builtin("methods").values():
        facts = config.facts("methods", module)
        assert {"TITLE", "OPTIONS", "APPLIES_TO", "NEEDS_TRUTH"} <= facts.keys(), module


def test_the_readme_has_every_key_as_the_schema_has_it(project):
    text = (project / "config" / "README.md").read_text()
    assert config.renew(text) == text, (
        "run: PYTHONPATH=workflow python -m workbench.config --write config/README.md"
    )
    for section, table in config.document().items():
        assert f"<!-- keys: {section} -->\n{table}\n<!-- end -->" in text


def test_the_readme_is_renewed_from_the_schema():
    text = "before\n<!-- keys: run -->\nold\n<!-- end -->\nafter\n"
    renewed = config.renew(text)
    assert "old" not in renewed and "`run.splits`" in renewed
    assert renewed.startswith("before\n") and renewed.endswith("<!-- end -->\nafter\n")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("run:\n  splits: 2\n  splits: 3\n", ["'splits' is there twice", "line 3"]),
        ("datasets:\n  2024: {dataset: mnist}\n", ["not a text to YAML", "line 2", "quotes"]),
        ("methods:\n  on: {method: stl}\n", ["not a text to YAML", "line 2", "quotes"]),
        ("run: {seed: 2024-13-45}\n", ["month must be in 1..12"]),
        ("run: &run\n  methods: *run\n", ["holds itself", "line 1"]),
        ("[" * 5000, ["too deep"]),
        ("run: [mnist\n", ["line 2"]),
    ],
)
def test_a_file_that_is_no_good_yaml_is_one_line(tmp_path, text, parts):
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        config.check_file(path)
    message = str(error.value)
    assert "\n" not in message and message.startswith(f"{path}: ") and message.endswith("; mend it there")
    for part in parts:
        assert part in message


def test_a_file_may_merge_keys_and_override_one(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\nc: [*a, *a]\n")
    config.check_file(path)

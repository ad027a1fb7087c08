"""Reading YAML files strictly, and merging them."""

import pytest

from amtl.errors import InputError
from workbench.config import read
from workbench.config.yaml_files import load


def write(tmp_path, text, name="run.yaml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("run:\n  splits: 2\n  splits: 3\n", ["'splits'", "twice", "line 3"]),
        ("a: {x: 1}\nb: {x: 1, y: {x: 1, x: 2}}\n", ["'x'", "twice", "line 2"]),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", ["'<<'", "twice", "line 4"]),
        ("datasets:\n  2024: {dataset: mnist}\n", ["line 2", "quotes"]),
        ("methods:\n  on: {method: stl}\n", ["line 2", "quotes"]),
        ("a: 1\n? [b]\n: 3\n", ["line 2", "quotes"]),
        ("a: 1\nrun: {seed: 2024-13-45}\n", ["month"]),
        ("a: 1\nb:\n  " + "[" * 5000, ["recursion"]),
        ("run: [mnist\n", ["line 2"]),
        ("a: 1\nb: *missing\n", ["line 2", "missing"]),
        ("a: 1\nb: \x01\n", ["position 8", "#x0001"]),
        (b"a: 1\nb: 2\nc: \xff\n", ["position 13", "#x00ff"]),
        ("a: 1\n---\nb: 2\n", ["line 2"]),
    ],
)
def test_invalid_file_gives_one_line_with_file_and_place(tmp_path, text, parts):
    path = write(tmp_path, text)
    with pytest.raises(InputError) as error:
        load(path)
    message = str(error.value)
    assert "\n" not in message and message.startswith(f"{path}: invalid YAML: ")
    for part in parts:
        assert part in message


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "folder"])
def test_unreadable_file_is_named(tmp_path, make):
    path = tmp_path / "run.yaml"
    make(path)
    with pytest.raises(InputError, match="run.yaml: cannot be read"):
        load(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[run]\n", "run\n"])
def test_configuration_without_keys_is_an_error(tmp_path, text):
    with pytest.raises(InputError, match="run.yaml"):
        read([write(tmp_path, text)])


def test_merge_key_and_alias_are_allowed(tmp_path):
    path = write(tmp_path, "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\nc: [*a, *a]\n")
    assert load(path) == {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}, "c": [{"x": 1, "y": 2}] * 2}


def test_files_are_utf8_in_every_locale(tmp_path):
    assert load(write(tmp_path, "title: Größe\n")) == {"title": "Größe"}


def test_later_file_wins_and_lists_are_replaced(tmp_path):
    first = write(tmp_path, "run: {splits: 5, methods: [a, b], data: {x: 1}}\nseed: 1\n", "1.yaml")
    second = write(tmp_path, "run: {methods: [c], data: {y: 2}}\nseed: 2\n", "2.yaml")
    merged = {"run": {"splits": 5, "methods": ["c"], "data": {"x": 1, "y": 2}}, "seed": 2}
    assert read([first, second]) == merged
    assert read([first, second], {"seed": 3, "run": {"splits": 7}}) == {
        "seed": 3,
        "run": {**merged["run"], "splits": 7},
    }


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ("a: null", "a: {x: 1}", {"a": {"x": 1}}),
        ("a: [1]", "a: {x: 1}", {"a": {"x": 1}}),
        ("a: {x: 1}", "a: null", {"a": None}),
        ("a: {x: 1}", "a: {}", {"a": {"x": 1}}),
    ],
)
def test_mapping_and_other_values_are_merged_like_in_snakemake(tmp_path, first, second, merged):
    from snakemake.utils import update_config

    files = [write(tmp_path, first, "1.yaml"), write(tmp_path, second, "2.yaml")]
    content = load(files[0])
    update_config(content, load(files[1]))
    assert read(files) == merged == content


def test_override_of_one_mapping_leaves_its_alias_alone(tmp_path):
    first = write(tmp_path, "a: &a {x: 1}\nb: *a\n", "1.yaml")
    second = write(tmp_path, "b: {x: 2}\n", "2.yaml")
    assert read([first, second]) == {"a": {"x": 1}, "b": {"x": 2}}


def test_overrides_are_not_changed(tmp_path):
    overrides = {"run": {"seed": 1}}
    read([write(tmp_path, "run: {splits: 2}\n")], overrides)
    assert overrides == {"run": {"seed": 1}}

"""Folders of a user's own datasets and methods."""

import sys

import pytest

from amtl.errors import InputError
from helpers.plugin_folder import write_plugin
from workbench import config, plugins
from workbench.config.plugin_folders import use_plugins


def run_of(*folders, methods=("plain",)):
    return {
        "plugins": [str(folder) for folder in folders],
        "run": {"datasets": ["height"], "methods": [*methods]},
    }


def test_no_plugins_by_default(folder, minimal):
    assert config.normalise(minimal)["plugins"] == [str(folder)]
    use_plugins([folder])
    module = f"{folder.name}.methods.plain"
    assert plugins.load_module(module).title == "Plain"
    with pytest.raises(InputError, match="unknown dataset 'height'"):
        config.normalise({"run": run_of()["run"]})


def test_folder_is_relative_to_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    complete = config.normalise(run_of(folder.name))
    assert complete["plugins"] == [folder.name]
    assert complete["methods"]["plain"]["module"] == f"{folder.name}.methods.plain"


def test_folders_add_up(folder, tmp_path):
    second = tmp_path / "deeper" / f"{folder.name}_second"
    (second / "methods").mkdir(parents=True)
    write_plugin(second, "methods", "sharp", title="Sharp")
    complete = config.normalise(run_of(folder, second, methods=("plain", "sharp")))
    assert complete["methods"]["sharp"]["title"] == "Sharp"


def test_parent_goes_to_the_end_of_the_path_once(folder):
    before = list(sys.path)
    use_plugins([str(folder)])
    use_plugins([str(folder), str(folder)])
    assert sys.path == [*before, str(folder.parent)]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("missing", ["no folder"]),
        ("a-b", ["'a-b'"]),
        ("2nd", ["'2nd'"]),
        ("amtl", ["'amtl'"]),
        ("workbench", ["'workbench'"]),
        ("scripts", ["'scripts'"]),
        # A package of the standard library, which Python would import instead.
        ("json", ["'json'", "rename"]),
    ],
)
def test_unusable_folder_is_named(folder, tmp_path, name, parts):
    path = tmp_path / name
    if name != "missing":
        (path / "methods").mkdir(parents=True)
    with pytest.raises(InputError) as error:
        config.normalise(run_of(folder, path))
    message = str(error.value)
    assert message.startswith("config: plugins[1]: ") and "\n" not in message
    for part in [str(path), *parts]:
        assert part in message


def test_file_is_not_a_folder(folder, tmp_path):
    path = tmp_path / "methods.py"
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"plugins\[1\].*no folder"):
        config.normalise(run_of(folder, path))


@pytest.mark.parametrize("hidden", [0, 1])
def test_folder_hidden_by_a_package_of_its_name_is_an_error(folder, tmp_path, hidden):
    folders = [folder, tmp_path / "elsewhere" / folder.name]
    (folders[1] / "methods").mkdir(parents=True)
    (folders[1 - hidden] / "__init__.py").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=rf"plugins\[{hidden}\].*rename"):
        config.normalise(run_of(*folders))


@pytest.mark.parametrize("value", ["study", [3], [""], None])
def test_plugins_is_a_list_of_text(value):
    with pytest.raises(InputError, match="^config: plugins"):
        config.normalise(run_of() | {"plugins": value})


def test_link_to_a_folder_is_used_under_the_name_of_its_target(folder, tmp_path):
    link = tmp_path / "a-link"
    link.symlink_to(folder, target_is_directory=True)
    complete = config.normalise(run_of(link))
    assert complete["methods"]["plain"]["module"] == f"{folder.name}.methods.plain"


def test_folder_reached_through_a_link_on_the_path(folder, tmp_path, monkeypatch):
    (folder / "__init__.py").write_text("", encoding="utf-8")
    link = tmp_path.parent / f"link_to_{tmp_path.name}"
    link.symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.syspath_prepend(str(link))
    assert config.normalise(run_of(folder))["methods"].keys() == {"plain"}


def test_second_file_of_a_shipped_name_is_an_error(folder):
    write_plugin(folder, "methods", "amtl", title="Mine")
    with pytest.raises(InputError, match="amtl"):
        config.normalise(run_of(folder))


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ({"name": "other"}, ["'other'", "'bad-one'"]),
        ({"options": {"size": {"type": "integer"}}}, ["'size'", "default"]),
        ({"options": {"title": {"type": "string", "default": ""}}}, ["'title'", "rename"]),
        ({"options": {"fit_loss": {"type": "string", "default": ""}}}, ["'fit_loss'", "rename"]),
    ],
)
def test_incomplete_spec_is_named(folder, spec, parts):
    write_plugin(folder, "methods", "bad_one", **spec)
    with pytest.raises(InputError) as error:
        config.normalise(run_of(folder, methods=["bad-one"]))
    message = str(error.value)
    for part in [f"{folder.name}.methods.bad_one", *parts]:
        assert part in message


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("methods", "SPEC = 3"),
        (
            "methods",
            "from workbench.datasets._spec import *\nSPEC = DatasetSpec('wrong', *'abcde')",
        ),
        ("datasets", "from amtl.methods._spec import *\nSPEC = MethodSpec('wrong', *'abcdef')"),
    ],
)
def test_spec_of_another_kind_is_named(folder, section, text):
    (folder / section / "wrong.py").write_text(text, encoding="utf-8")
    content = run_of(folder)
    content["run"][section] = ["wrong"]
    with pytest.raises(InputError, match=f"{folder.name}.{section}.wrong: SPEC"):
        config.normalise(content)

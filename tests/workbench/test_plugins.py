"""One mechanism finds methods, datasets, tables, figures and cases: every public file is one."""

import pytest

from amtl.errors import InputError
from workbench import plugins


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A plug-in folder of a user, and the function that writes files into it."""
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "my_lab_of_plugins"

    def write(name, text=""):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return folder, write


@pytest.mark.parametrize("kind", plugins.PACKAGES)
def test_every_kind_has_entries_and_no_helper_among_them(kind):
    found = plugins.find(kind)
    assert found and not [name for name in found if "_" in name]
    assert all(module.startswith(plugins.PACKAGES[kind]) for module in found.values())


def test_a_file_in_a_folder_of_the_user_is_found_and_a_helper_is_not(lab):
    folder, write = lab
    write("methods/my_method.py", "SPEC = 'mine'")
    write("methods/_helper.py")
    write("methods/_more/thing.py")
    write("methods/room/other.py", "SPEC = 'other'")
    found = plugins.find("methods", [folder])
    ours = {name: module for name, module in found.items() if module.startswith(folder.name)}
    assert ours == {
        "my-method": "my_lab_of_plugins.methods.my_method",
        "other": "my_lab_of_plugins.methods.room.other",
    }
    assert plugins.load("methods", "my-method", [folder]) == "mine"
    assert "amtl" in found


def test_hidden_files_are_no_entries_and_a_dot_in_a_name_is_an_error(lab):
    folder, write = lab
    write("methods/.ipynb_checkpoints/mine-checkpoint.py")
    write("methods/._mine.py")
    plugins.find("methods", [folder])
    write("methods/mine.old.py")
    with pytest.raises(InputError, match="mine.old.py"):
        plugins.find("methods", [folder])


def test_two_files_of_one_name_are_an_error(lab):
    folder, write = lab
    write("methods/stl.py")
    with pytest.raises(InputError, match="stl"):
        plugins.find("methods", [folder])


def test_an_unknown_name_is_an_error_with_the_nearest_one():
    with pytest.raises(InputError, match="'amlt'.*'amtl'"):
        plugins.load("methods", "amlt")


def test_a_file_without_a_spec_is_an_error_that_names_it(lab):
    folder, write = lab
    write("methods/empty_file.py")
    with pytest.raises(InputError, match="empty_file"):
        plugins.load("methods", "empty-file", [folder])


@pytest.mark.parametrize("text", ["SPEC = (", "import nothing_of_that_name", "1 / 0"])
def test_a_file_that_cannot_be_imported_is_an_error_that_names_it(lab, text):
    folder, write = lab
    write("methods/half_done.py", text)
    with pytest.raises(InputError, match=r"my_lab_of_plugins\.methods\.half_done"):
        plugins.load("methods", "half-done", [folder])


def test_finding_imports_nothing(lab):
    folder, write = lab
    write("methods/broken.py", "raise RuntimeError")
    assert "broken" in plugins.find("methods", [folder])

"""Which files a job depends on: by hand on small packages, and against what Python really loads."""

import os
import subprocess
import sys

import pytest

from workbench import code_dependencies, plugins, source_loader
from workbench.code_dependencies import CodeDependencies

KINDS = {
    "methods": "fit",
    "datasets": "prepare",
    "tables": "table",
    "figures": "figure",
    "cases": "benchmark_case",
}
NAMED = [(script, module) for kind, script in KINDS.items() for module in plugins.find(kind).values()]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return the function that writes files into a folder, which is taken for the one of our packages."""
    monkeypatch.setattr(code_dependencies, "ROOT", tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return tmp_path

    return write


def files(*modules):
    return set(CodeDependencies().files(*modules))


def digest(*modules):
    return CodeDependencies().digest(*modules)


@pytest.mark.parametrize(
    "line",
    [
        "import amtl.part.leaf",
        "import amtl.part.leaf as short",
        "from amtl.part import leaf",
        "from amtl.part.leaf import thing",
        "from .part import leaf",
        "from .part.leaf import thing",
        "def later():\n    from amtl.part import leaf",
    ],
)
def test_every_form_of_import_is_followed(package, line):
    package(amtl__top=line, amtl__part__leaf="thing = 1", amtl__part__other="thing = 2")
    assert files("amtl.top") == {"amtl/top.py", "amtl/part/leaf.py"}


def test_packages_of_an_imported_module_count(package):
    root = package(amtl__top="from amtl.part import leaf", amtl__part__leaf="")
    (root / "amtl" / "part" / "__init__.py").touch()
    assert files("amtl.top") == {"amtl/top.py", "amtl/part/__init__.py", "amtl/part/leaf.py"}


def test_imports_may_form_a_circle(package):
    package(amtl__a="import amtl.b", amtl__b="import amtl.a")
    assert files("amtl.a") == files("amtl.b") == {"amtl/a.py", "amtl/b.py"}


def test_neutral_modules_and_what_they_import_do_not_count(package):
    package(
        scripts__fit="from amtl import errors, part",
        amtl__errors="import amtl.hidden",
        amtl__hidden="",
        amtl__part="",
    )
    assert files("scripts.fit") == {"scripts/fit.py", "amtl/part.py"}


def test_a_module_that_does_not_exist_is_an_error(package):
    package(amtl__top="")
    with pytest.raises(FileNotFoundError, match=r"amtl\.missing"):
        files("amtl.missing")


def test_a_plug_in_outside_our_packages_is_followed(package, tmp_path, monkeypatch):
    package(amtl__part="", amtl__other="")
    folder = tmp_path / "elsewhere" / "my_lab" / "methods"
    folder.mkdir(parents=True)
    imports = ["from my_lab.methods import _shared", "from amtl import part", "import beside"]
    imports.append("from my_tools import constants")
    (folder / "mine.py").write_text("\n".join(imports), encoding="utf-8")
    (folder / "_shared.py").touch()
    (tmp_path / "elsewhere" / "beside.py").touch()
    (tmp_path / "elsewhere" / "my_tools").mkdir()
    (tmp_path / "elsewhere" / "my_tools" / "constants.py").touch()
    monkeypatch.setattr(source_loader, "folders", [str(tmp_path / "elsewhere")])
    assert files("my_lab.methods.mine") == {
        "my_lab/methods/mine.py",
        "my_lab/methods/_shared.py",
        "my_tools/constants.py",
        "beside.py",
        "amtl/part.py",
    }


def test_the_digest_changes_with_the_content_of_an_import_and_back(package):
    package(amtl__top="import amtl.part", amtl__part="x = 1", amtl__other="")
    before = digest("amtl.top")
    package(amtl__part="x = 2")
    assert digest("amtl.top") != before
    package(amtl__part="x = 1", amtl__other="x = 2")
    assert digest("amtl.top") == before


def test_the_digest_ignores_windows_line_ends(package):
    package(amtl__top="x = 1\ny = 2\n")
    before = digest("amtl.top")
    package(amtl__top="x = 1\r\ny = 2\r\n")
    assert digest("amtl.top") == before


def test_the_digest_changes_with_the_name_of_a_file(package):
    package(amtl__a="x = 1", amtl__b="x = 1")
    assert digest("amtl.a") != digest("amtl.b")


def test_the_digest_covers_the_versions_of_imported_packages_alone(package, monkeypatch):
    package(amtl__top="import numpy, os, sklearn.svm", amtl__plain="import os")
    versions = {"numpy": "1", "scikit-learn": "1"}
    monkeypatch.setattr(code_dependencies.metadata, "version", versions.__getitem__)
    before = digest("amtl.top"), digest("amtl.plain")
    versions["scikit-learn"] = "2"
    assert digest("amtl.top") != before[0] and digest("amtl.plain") == before[1]


def test_files_are_read_once_per_object(package):
    package(amtl__top="x = 1")
    planned = CodeDependencies()
    before = planned.digest("amtl.top")
    package(amtl__top="x = 2")
    assert planned.digest("amtl.top") == before != digest("amtl.top")


def test_differ_finds_compiled_bytes_that_are_not_those_of_the_file(package):
    root = package(amtl__top="x = 1", amtl__other="")
    dependencies = CodeDependencies()
    dependencies.digest("amtl.top")
    path = str(root / "amtl" / "top.py")
    assert not dependencies.differ({path: b"x = 1", "elsewhere.py": b""})
    assert dependencies.differ({path: b"x = 2"})


@pytest.mark.parametrize(("script", "module"), NAMED)
def test_a_job_imports_no_file_of_ours_that_its_digest_leaves_out(script, module):
    """Python's own list of loaded modules, against the imports in the syntax trees."""
    code = (
        f"import sys, importlib\nfor name in {[f'scripts.{script}', module]}: importlib.import_module(name)\n"
    )
    code += "print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)), sep='\\n')"
    root = code_dependencies.ROOT
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    loaded = {
        line.removeprefix(f"{root}/") for line in done.stdout.splitlines() if line.startswith(f"{root}/")
    }
    assert loaded - set(code_dependencies.NEUTRAL) - {"workbench/source_loader.py"} <= files(
        f"scripts.{script}", module
    )

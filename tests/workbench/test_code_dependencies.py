"""The import closure: by hand on a small package, and against what Python really loads."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from amtl.splits import Part, Split
from workbench import code_dependencies as closure
from workbench import config
from workbench.datasets import _registry as registry
from workbench.split_files import save_split

METHODS = sorted(config.builtin("methods").values())
TABLES = sorted(path.stem for path in (closure.ROOT / "amtl" / "tables").glob("table*.py"))
FIGURES = sorted(path.stem for path in (closure.ROOT / "amtl" / "plots").glob("figure*.py"))
CASES = config.benchmark_cases()
NAMED = [
    *(("prepare", f"amtl/datasets/{name}.py") for name in registry.names()),
    *(("make_table", f"amtl/tables/{name}.py") for name in TABLES),
    *(("make_figure", f"amtl/plots/{name}.py") for name in FIGURES),
    *(("benchmark_case", f"amtl/benchmark/cases/{name.replace('-', '_')}.py") for name in CASES),
]


def forget():
    """Let the closure read every file anew."""
    for function in vars(closure).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return the function that writes files into a package of its own, which the closure then looks at."""
    monkeypatch.setattr(closure, "ROOT", tmp_path)
    forget()

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    yield write
    forget()


@pytest.mark.parametrize(
    "line",
    [
        "import amtl.part.leaf",
        "import amtl.part.leaf as short",
        "from amtl.part import leaf",
        "from amtl.part.leaf import thing",
        "from .part import leaf",
        "from .part.leaf import thing",
        "def inside():\n    from amtl.part import leaf",
        "try:\n    import numpy\nexcept ImportError:\n    from amtl.part import leaf",
    ],
)
def test_every_form_of_import_is_followed(package, line):
    package(amtl__top=line, amtl__part__leaf="thing = 1", amtl__part__other="", amtl__other="")
    (closure.ROOT / "amtl" / "__init__.py").touch()
    (closure.ROOT / "amtl" / "part" / "__init__.py").touch()
    expected = ["amtl/__init__.py", "amtl/part/__init__.py", "amtl/part/leaf.py", "amtl/top.py"]
    assert closure.closure("amtl/top.py") == expected


def test_imports_of_imports_cycles_and_other_packages(package):
    package(
        amtl__a="from amtl import b", amtl__b="import amtl.a, numpy, amtlx", script="from amtl.b import x"
    )
    assert closure.closure("script.py") == ["amtl/a.py", "amtl/b.py", "script.py"]


def test_a_file_that_is_not_there_is_an_error(package):
    with pytest.raises(FileNotFoundError):
        closure.closure("amtl/nothing.py")


def test_the_digest_changes_with_names_and_contents_only(package):
    package(amtl__a="x = 1", amtl__b="x = 1")
    first = closure.digest(["amtl/a.py", "amtl/b.py"])
    assert closure.digest(["amtl/b.py", "amtl/a.py"]) == first
    assert closure.digest(["amtl/a.py"]) != first
    closure._sha256.cache_clear()
    package(amtl__b="x = 2")
    assert closure.digest(["amtl/a.py", "amtl/b.py"]) != first


def loaded_by(code, *arguments):
    """Return the package's files that Python has loaded after running `code`."""
    report = (
        "import json, pathlib, sys\n"
        f"root = pathlib.Path({str(closure.ROOT)!r})\n"
        "names = [getattr(module, '__file__', None) for module in list(sys.modules.values())]\n"
        "files = [pathlib.Path(name) for name in names if name]\n"
        "print(json.dumps([f.relative_to(root).as_posix() for f in files if f.is_relative_to(root)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(closure.ROOT)},
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(("script", "file"), NAMED, ids=lambda value: value.split("/")[-1])
def test_the_closure_holds_what_a_script_loads(script, file):
    module = file.removesuffix(".py").replace("/", ".")
    path = closure.ROOT / "scripts" / f"{script}.py"
    code = f"import runpy, importlib\nrunpy.run_path({str(path)!r})\nimportlib.import_module({module!r})"
    found = set(closure.closure(f"scripts/{script}.py", file)) - {f"scripts/{script}.py"}
    # Imports inside functions are in the closure too, and not loaded yet.
    assert loaded_by(code) <= found


@pytest.fixture(scope="module")
def small_split(tmp_path_factory):
    rng = np.random.default_rng(0)

    def part():
        X = np.column_stack([rng.normal(size=(20, 2)), np.ones(20)])
        return Part(X, X @ [1.0, 2.0, 0.0] + rng.normal(size=20), np.array([0, 10, 20]))

    path = tmp_path_factory.mktemp("split") / "split1.npz"
    split = Split("small", 1, "regression", ("1", "2"), part(), part(), part(), truth=np.ones((3, 2)))
    save_split(path, split)
    return path


@pytest.mark.parametrize("method", METHODS)
def test_the_closure_of_a_fit_is_exactly_what_it_loads(method, small_split, tmp_path):
    entry = config.normalise({"run": {"datasets": ["synthetic"], "methods": ["stl"]}})["methods"]
    job = {"dataset": "small", "split": 1, "method": method, "module": method, "title": method, "code": ""}
    job |= {"loss": "squared", "options": entry[method.replace("_", "-")]["options"], "seed": 0}
    job |= {"grid_points": 6, "max_iterations": 5, "tolerance": 0.1}
    path = closure.ROOT / "scripts" / "fit.py"
    code = f"import runpy\nrunpy.run_path({str(path)!r}, run_name='__main__')"
    outputs = ("--npz", tmp_path / "fit.npz", "--json", tmp_path / "fit.json")
    loaded = loaded_by(code, "--job", json.dumps(job), "--split", small_split, *outputs)
    assert (tmp_path / "fit.json").exists()
    files = set(closure.closure("scripts/fit.py", f"amtl/methods/{method}.py"))
    assert loaded == files - {"scripts/fit.py"}


def test_no_method_depends_on_another_but_the_one_it_starts_from():
    for method in METHODS:
        files = closure.closure("scripts/fit.py", f"amtl/methods/{method}.py")
        others = {name for name in METHODS if f"amtl/methods/{name}.py" in files}
        assert others <= {method, "stl"}


def test_the_origin_names_the_versions_of_other_packages(package, monkeypatch):
    installed = {"numpy": "2.0", "scikit-learn": "1.5"}

    def version(name):
        if name in installed:
            return installed[name]
        raise closure.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(closure.metadata, "version", version)
    package(
        amtl__a="import json\nfrom amtl import b",
        amtl__b="def late():\n    import numpy as np, celer\n    from sklearn.linear_model import Lasso",
    )
    found = closure.origin("amtl/a.py")
    assert found["packages"] == {"celer": None, "numpy": "2.0", "sklearn": "1.5"}
    assert found["code"] == closure.digest(["amtl/a.py", "amtl/b.py"])


def test_every_package_that_the_library_imports_has_a_version():
    files = [path.relative_to(closure.ROOT) for path in closure.ROOT.glob("amtl/**/*.py")]
    versions = closure.origin(*map(str, files))["packages"]
    # The benchmark compares with these where they are installed.
    missing = {name for name, version in versions.items() if version is None}
    assert {"numpy", "scipy", "sklearn", "pandas", "yaml"} & set(versions) and missing <= {"celer", "skglm"}

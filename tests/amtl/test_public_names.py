"""What `import amtl` gives, and what it costs to import."""

import ast
import inspect
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import amtl
from amtl.errors import InputError
from amtl.estimators import class_names

# Packages of the workflow that neither the library nor a fit may load.
HEAVY = {"workbench", "sklearn", "pandas", "matplotlib", "snakemake", "h5py", "yaml", "jsonschema"}


def loaded_after(project, code):
    """Return the modules in `sys.modules` of a fresh process after `code`."""
    code += "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_public_name_exists():
    for name in amtl.__all__:
        assert getattr(amtl, name).__doc__
    assert set(amtl.__all__) <= set(dir(amtl))
    with pytest.raises(AttributeError, match="no_such_name"):
        amtl.no_such_name  # noqa: B018


def test_a_method_is_loaded_by_name_and_a_typing_error_gets_a_hint():
    assert amtl.load_method("go-mtl").title == "GO-MTL"
    with pytest.raises(InputError, match="'amlt'.*'amtl'"):
        amtl.load_method("amlt")
    with pytest.raises(InputError, match="'-joint'"):
        amtl.load_method("-joint")


def test_the_example_of_the_package_runs():
    text = amtl.__doc__.split("::\n\n")[1]
    names = {}
    exec("\n".join(line[4:] for line in text.splitlines()), names)
    tuned = names["tuned"]
    assert tuned.fit.W.shape == (6, 3) and tuned.fit.B.shape == (3, 3)
    assert np.isfinite(tuned.fit.W).all()


def test_importing_the_package_loads_the_standard_library_alone(project):
    loaded = loaded_after(project, "import amtl")
    assert "amtl" in loaded and not {"numpy", "scipy"} & loaded
    assert {name for name in loaded if name.startswith("amtl")} == {"amtl"}


def test_a_fit_loads_numpy_and_scipy_alone(project):
    modules = "amtl.model_selection, amtl.methods.graph.amtl, amtl.methods.latent.go_mtl"
    loaded = {name.split(".")[0] for name in loaded_after(project, f"import {modules}")}
    assert {"numpy", "scipy"} <= loaded and not loaded & HEAVY


def test_an_estimator_loads_scikit_learn_and_nothing_of_the_workflow(project):
    fit = "AMTLRegressorCV(n_points=2, cv=2).fit([[[0.], [1.]] * 4], [[0., 1.] * 4])"
    code = f"from amtl import AMTLRegressorCV; {fit}"
    loaded = {name.split(".")[0] for name in loaded_after(project, code)}
    # scikit-learn imports pandas where it is installed.
    assert "sklearn" in loaded and not loaded & (HEAVY - {"sklearn", "pandas"})


def test_no_module_of_the_library_imports_the_workbench(project):
    for file in (project / "workflow" / "amtl").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "workbench" not in text and "snakemake" not in text, file


def public_functions():
    """Return {name: function} of the public functions of `amtl`, and of the methods of its classes."""
    found = {}
    for name in sorted({*amtl.__all__, *class_names()}):
        each = getattr(amtl, name)
        if not inspect.isclass(each):
            found[name] = each
            continue
        for key, value in inspect.getmembers_static(each):
            # Properties, cached ones, and methods that only some instances have.
            value = next((getattr(value, at) for at in ("fget", "func", "fn") if hasattr(value, at)), value)
            public = key == "__init__" or not key.startswith("_")
            if inspect.isfunction(value) and public and value.__module__.startswith("amtl"):
                found[f"{name}.{key}"] = value
    return found


def test_public_functions_have_types(project):
    for name, function in public_functions().items():
        signature = inspect.signature(function)
        given = [each for each in signature.parameters.values() if each.name != "self"]
        missing = [each.name for each in given if each.annotation is each.empty]
        assert not missing, (name, missing)
        assert signature.return_annotation is not signature.empty, name
    assert (project / "workflow" / "amtl" / "py.typed").is_file()


def test_type_checkers_see_every_public_name(project):
    tree = ast.parse((project / "workflow" / "amtl" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [each for each in tree.body if isinstance(each, ast.If)]
    seen = {alias.name: each.module for each in block.body for alias in each.names}
    assert seen == amtl._MODULES

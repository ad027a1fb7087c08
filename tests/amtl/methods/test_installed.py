"""Methods of other installed packages, by the entry points ``amtl.methods``."""

import importlib
import sys
import warnings

import numpy as np
import pytest

import amtl
from amtl import estimators
from amtl.errors import InputError
from amtl.methods import _template, find_methods, installed_methods, load_method
from helpers.installed_method import install
from workbench import plugins
from workbench.code_dependencies import CodeDependencies

SOURCE = importlib.import_module(_template.__name__).__loader__.get_source(_template.__name__)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return the function that installs a method; the package is gone after the test."""
    monkeypatch.syspath_prepend(tmp_path)

    def call(name="my-method", module="their_package.my_method", code=SOURCE, **given):
        installed_methods.cache_clear()
        file = install(tmp_path, name, module, code, **given)
        importlib.invalidate_caches()
        return file

    yield call
    installed_methods.cache_clear()
    for name in [name for name in sys.modules if name.startswith("their_package")]:
        del sys.modules[name]
    for name in [name for name in vars(estimators) if name.startswith("MyMethod")]:
        delattr(estimators, name)


def test_method_is_found_by_name_and_has_estimators(package):
    package()
    assert find_methods()["my-method"] == plugins.find("methods")["my-method"] == "their_package.my_method"
    assert load_method("my-method").order == 900
    assert "MyMethodRegressorCV" in dir(amtl)
    rng = np.random.default_rng(0)
    Xs, ys = [rng.normal(size=(20, 3)) for _ in range(2)], [rng.normal(size=20) for _ in range(2)]
    assert amtl.MyMethodRegressor(rho=1.0).fit(Xs, ys).coef_.shape == (2, 3)
    assert set(amtl.compare(Xs, ys, methods=["my-method"], splits=1, n_points=3)["method"]) == {"my-method"}


def test_jobs_depend_on_the_files_of_the_package_that_the_method_imports(package):
    helper = "\nfrom their_package import _helper\n"
    file = package(code=SOURCE + helper)
    other = file.with_name("_helper.py")
    other.write_text("A = 1\n", encoding="utf-8")
    file.with_name("unused.py").touch()
    files = CodeDependencies().files("their_package.my_method")
    ours = {name for name in files if name.startswith("their_package/")}
    assert ours == {f"their_package/{name}.py" for name in ("__init__", "_helper", "my_method")}
    assert "amtl/solvers/coupled_w.py" in files
    digests = [CodeDependencies().digest("their_package.my_method")]
    for edited in (other, file):
        edited.write_text(edited.read_text(encoding="utf-8") + "B = 2\n", encoding="utf-8")
        digests.append(CodeDependencies().digest("their_package.my_method"))
    assert len(set(digests)) == 3


def test_a_single_file_is_a_package_too(package):
    package(module="my_method_alone")
    assert "my_method_alone.py" in CodeDependencies().files("my_method_alone")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "stl"}, "their-package.*'stl'"),
        ({"module": "their_package.my_method:spec"}, "their-package.*:spec'"),
    ],
)
def test_a_package_that_cannot_be_told_apart_is_an_error(package, given, expected):
    package(**given)
    for find in (find_methods, lambda: plugins.find("methods")):
        with pytest.raises(InputError, match=expected):
            find()


@pytest.mark.parametrize(
    ("code", "expected"),
    [("1 / 0", "ZeroDivisionError"), ("", "SPEC"), (SOURCE.replace('"my-method"', '"other"'), "'other'")],
)
def test_a_broken_method_is_named_and_spoils_no_other(package, code, expected):
    package(module=f"their_{expected.strip(chr(39)).lower()}", code=code)
    with pytest.raises(InputError, match=f"their-package.*'my-method'.*{expected}"):
        load_method("my-method")
    with pytest.warns(UserWarning, match="their-package"):
        assert "AMTLRegressor" in dir(amtl)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vars(estimators).pop("AMTLRegressor", None)
        assert amtl.AMTLRegressor().spec.name == "amtl"


def test_the_template_draws_tasks_together():
    rng = np.random.default_rng(0)
    Xs, ys = [rng.normal(size=(30, 3)) for _ in range(4)], [rng.normal(size=30) for _ in range(4)]
    made = amtl.make_estimator(_template.SPEC, "Regressor")
    free, drawn = (made(rho=1.0, pull=pull).fit(Xs, ys).coef_ for pull in (0.0, 1e6))
    assert np.allclose(free, amtl.STLRegressor(rho=1.0).fit(Xs, ys).coef_)
    assert np.ptp(drawn, axis=0).max() < 1e-3 * np.ptp(free, axis=0).max()


def test_an_estimator_of_any_spec():
    made = amtl.make_estimator(_template.SPEC, "ClassifierCV")
    assert made.__name__ == "MyMethodClassifierCV" and "pull" in made().get_params()
    with pytest.raises(InputError, match="'Regresor'.*'Regressor'"):
        amtl.make_estimator(_template.SPEC, "Regresor")

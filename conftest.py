"""The option ``--amtl-method FILE`` of pytest: the contract tests of methods on one file of your own.

It is known here, above all tests, so that FILE may follow after a space.
"""

from pathlib import Path

import pytest

CONTRACT = Path(__file__).parent / "tests" / "contract" / "test_methods.py"


def pytest_addoption(parser):
    parser.addoption(
        "--amtl-method",
        metavar="FILE",
        type=Path,
        help="run the contract tests on the method in this file alone, docs/how-to/add-a-method.md",
    )


def pytest_configure(config):
    file = config.getoption("--amtl-method")
    if file is None:
        return
    from helpers import own_method

    try:
        own_method.use(config.invocation_params.dir / file)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    config.args[:] = [str(CONTRACT)]


def pytest_collection_modifyitems(config, items):
    if config.getoption("--amtl-method") is None:
        return
    from helpers import own_method

    parameters = [getattr(item, "callspec", None) and item.callspec.params.get("name") for item in items]
    kept = [item for item, name in zip(items, parameters, strict=True) if name in own_method.modules]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept

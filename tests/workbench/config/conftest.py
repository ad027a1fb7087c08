"""A plug-in folder with two small datasets and two small methods, and a configuration that runs them."""

import copy
import itertools
import sys

import pytest

from helpers.plugin_folder import write_plugin

OPTIONS = {
    "rows": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 30},
    "noise": {"type": "number", "default": 25.0},
    "weight": {"type": ["number", "null"], "default": None},
    "scales": {"type": "array", "items": {"type": "number"}, "default": [1, 2]},
    "columns": {"enum": [26, 28], "default": 26},
    "refit": {"type": "boolean", "default": False},
    "source": {"type": "string", "enum": ["bundled", "idx"], "default": "bundled"},
}
DELTA = {"delta": {"type": "string", "enum": ["train", "validation"], "default": "train"}}
COUNTER = itertools.count()


@pytest.fixture(autouse=True)
def restore_path(monkeypatch):
    """Undo what `use_plugins` adds to sys.path."""
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def folder(tmp_path):
    """A plug-in folder; every test has another name, because Python keeps imported packages."""
    folder = tmp_path / f"study_{next(COUNTER)}"
    for kind in ("datasets", "methods"):
        (folder / kind).mkdir(parents=True)
    write_plugin(folder, "datasets", "big_fruit", title="Big fruit", kind="binary", options=OPTIONS)
    write_plugin(folder, "datasets", "height", title="Height", kind="regression")
    write_plugin(folder, "methods", "plain", title="Plain")
    write_plugin(folder, "methods", "soft_graph", title="Soft graph", options=DELTA)
    return folder


@pytest.fixture
def minimal(folder):
    """The smallest configuration that runs plug-ins of `folder`."""
    run = {"datasets": ["big-fruit"], "methods": ["soft-graph"]}
    return {"plugins": [str(folder)], "run": run}


@pytest.fixture
def with_key(minimal):
    """A function (dotted path, value) -> the minimal configuration with that key."""

    def change(path, value):
        config = inner = copy.deepcopy(minimal)
        *sections, last = path.split(".")
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[last] = value
        return config

    return change

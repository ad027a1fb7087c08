"""The folders of a user's own methods, datasets, tables and figures, and the specs in them."""

import importlib.util
import sys
from pathlib import Path

from amtl.errors import InputError
from amtl.methods._spec import MethodSpec
from workbench import plugins
from workbench.datasets._spec import DatasetSpec

RESERVED = ("amtl", "workbench", "scripts")
SPECS = {"methods": MethodSpec, "datasets": DatasetSpec}


def use_plugins(folders):
    """Make the plug-in `folders` importable as packages: append the folder of each to `sys.path`, once."""
    for folder in folders:
        parent = str(Path(folder).resolve().parent)
        if parent not in sys.path:
            sys.path.append(parent)


def check_plugins(folders):
    """Raise InputError that names the key unless each of `folders` can be imported under its own name."""
    for index, folder in enumerate(folders):
        key, path = f"config: plugins[{index}]", Path(folder).resolve()
        if not path.is_dir():
            raise InputError(
                f"{key}: no folder {folder!r}; give an absolute path or one relative to the working directory"
            )
        if not path.name.isidentifier() or path.name in RESERVED:
            raise InputError(
                f"{key}: {folder!r}: {path.name!r} cannot name a plug-in folder; use letters, digits and "
                f"underscores, and none of {', '.join(RESERVED)}"
            )
        use_plugins([folder])
        package = importlib.util.find_spec(path.name)
        if path not in map(Path.resolve, map(Path, package.submodule_search_locations or ())):
            raise InputError(
                f"{key}: {folder!r}: another Python package is named {path.name!r}; rename the folder"
            )


def load_spec(kind, name, module):
    """Return the spec of the plug-in `name`, defined in `module`; raise InputError if it is incomplete.

    kind : ``methods`` or ``datasets``.
    """
    spec = plugins.load_module(module)
    if not isinstance(spec, SPECS[kind]):
        raise InputError(f"{module}: SPEC must be a {SPECS[kind].__name__}, not a {type(spec).__name__}")
    if spec.name != name:
        raise InputError(f"{module}: SPEC.name is {spec.name!r}; name it {name!r}, after its file")
    for option, rule in spec.options.items():
        if "default" not in rule:
            raise InputError(f"{module}: option {option!r} has no default; add one")
    return spec

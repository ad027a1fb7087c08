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
    """Make `folders` importable; raise InputError that names the key of a folder that cannot be."""
    paths = {f"config: plugins[{i}]: {folder!r}": Path(folder).resolve() for i, folder in enumerate(folders)}
    for key, path in paths.items():
        if not path.is_dir():
            raise InputError(
                f"{key}: no folder; give its path, relative to the working directory or absolute"
            )
        if not path.name.isidentifier() or path.name in RESERVED:
            raise InputError(
                f"{key}: {path.name!r} cannot name a plug-in folder; use letters, digits and underscores, "
                f"and none of {', '.join(RESERVED)}"
            )
    use_plugins(folders)
    for key, path in paths.items():
        package = importlib.util.find_spec(path.name)
        if path not in [Path(place).resolve() for place in package.submodule_search_locations or ()]:
            raise InputError(f"{key}: another Python package is named {path.name!r}; rename the folder")


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

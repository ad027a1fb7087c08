"""The folders of a user's own methods, datasets, tables and figures, and the specs in them."""

import importlib.util
import sys
from pathlib import Path

from amtl.errors import InputError
from amtl.methods._spec import MethodSpec
from workbench import plugins, source_loader
from workbench.datasets._spec import DatasetSpec

SPECS = {"methods": MethodSpec, "datasets": DatasetSpec}


def use_plugins(folders):
    """Make the plug-in `folders` importable from their sources; their parents are searched last.

    Raises InputError that names the key of a folder that cannot be imported.
    """
    parents = dict.fromkeys(str(Path(folder).resolve().parent) for folder in folders)
    source_loader.use_for(parents)
    sys.path.extend(parent for parent in parents if parent not in sys.path)
    for index, folder in enumerate(folders):
        key, path = f"config: plugins[{index}]: {folder!r}", Path(folder).resolve()
        if not path.is_dir():
            raise InputError(
                f"{key}: no folder; give its path, relative to the working directory or absolute"
            )
        package = importlib.util.find_spec(path.name) if path.name.isidentifier() else None
        places = package.submodule_search_locations if package else None
        if {Path(place).resolve() for place in places or ()} != {path}:
            raise InputError(
                f"{key}: {path.name!r} is no Python name, or another package has it; rename the folder"
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
    lacking = [repr(option) for option, rule in spec.options.items() if "default" not in rule]
    if lacking:
        options = f"option{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}"
        raise InputError(f"{module}: {options} without a default; add one to each")
    return spec

"""Methods, datasets, tables, figures and benchmark cases by name: every public file of a folder is one.

A file is a helper if its name, or that of a folder it is in, begins with an underscore. An entry has the name
of its file with ``-`` for ``_``. A file defines one object, ``SPEC``; only the file asked for is imported.

A user's own files live in a plug-in folder, a Python package with the subfolders ``methods``, ``datasets``,
``tables`` and ``figures``. The folder that holds it is on `sys.path`, so its modules have full names as well.
Installed packages can have methods too, see `amtl.methods`.
"""

import importlib
from pathlib import Path

from amtl.errors import InputError, nearest
from amtl.methods import installed_methods
from workbench.source_loader import ROOT

PACKAGES = {
    "methods": "amtl.methods",
    "sharing": "amtl.two_mtl.methods",
    "networks": "amtl.networks.methods",
    "datasets": "workbench.datasets",
    "tables": "workbench.report.tables",
    "figures": "workbench.report.figures",
    "cases": "workbench.benchmark.cases",
}
# What the entries of a section of the configuration may name: methods of linear weights, those of 2MTL, and
# those on small networks.
SECTIONS = {"methods": ("methods", "sharing", "networks"), "datasets": ("datasets",)}


def find(kind, folders=()):
    """Return {name: module} of the plug-ins of one `kind`, without importing any of them.

    kind : a key of `PACKAGES`. folders : plug-in folders of the user.
    Raises InputError when two files give the same name.
    """
    places = [(ROOT.joinpath(*PACKAGES[kind].split(".")), PACKAGES[kind])]
    places += [(Path(folder, kind), f"{Path(folder).resolve().name}.{kind}") for folder in folders]
    found = {}
    installed = installed_methods() if kind == "methods" else {}
    for folder, package in places:
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            if any(part.startswith(("_", ".")) for part in parts):
                continue
            if "." in parts[-1]:
                raise InputError(f"{file}: a dot in the name of a Python file; rename it, or move it away")
            name = parts[-1].replace("_", "-")
            if name in found:
                raise InputError(f"{file}: there is another of the {kind} named {name!r}; rename the file")
            found[name] = ".".join([package, *parts])
    for name, (module, package) in installed.items():
        if name in found:
            raise InputError(
                f"package {package}: there is another of the {kind} named {name!r}; rename one, or uninstall "
                "the package"
            )
        found[name] = module
    return found


def find_entries(section, folders=()):
    """Return {name: module} of what the entries of a section of the configuration may name."""
    return {name: module for kind in SECTIONS[section] for name, module in find(kind, folders).items()}


def load(kind, name, folders=()):
    """Return the ``SPEC`` of the plug-in `name`; raise InputError with the nearest name if there is none."""
    modules = find(kind, folders)
    if name not in modules:
        raise InputError(f"no {name!r} among the {kind}{nearest(name, modules)}")
    return load_module(modules[name])


def load_module(module):
    """Return the ``SPEC`` of a module, given by its full name."""
    try:
        spec = getattr(importlib.import_module(module), "SPEC", None)
    except InputError:
        raise
    except Exception as error:  # whatever the file does when it is imported
        raise InputError(
            f"{module}: cannot be imported ({type(error).__name__}: {error}); correct the file"
        ) from error
    if spec is None:
        raise InputError(
            f"{module}: defines no SPEC; add one, or begin the name of a helper with an underscore"
        )
    return spec

"""The method that the contract tests run on alone: ``pytest --amtl-method FILE``."""

import os
import sys

from amtl.errors import InputError
from workbench import plugins

# {name: module} of the method, or empty: then the tests run on all methods.
modules = {}


def use(file):
    """Take the method in `file`, in the folder ``methods`` of a plug-in folder or anywhere else."""
    file = file.resolve()
    if file.suffix != ".py" or not file.is_file():
        raise InputError(f"--amtl-method {file}: no Python file; give the file that defines SPEC")
    found = {module: name for name, module in plugins.find("methods").items()}
    place, module = file.parent, file.stem
    if file.is_relative_to(plugins.ROOT):
        place, module = plugins.ROOT, ".".join(file.relative_to(plugins.ROOT).with_suffix("").parts)
    elif file.parent.name == "methods":
        place, module = file.parents[2], f"{file.parents[1].name}.methods.{file.stem}"
    sys.path.append(str(place))
    # Tests start further processes, and pytest-xdist workers.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(place)]))
    plugins.load_module(module)
    modules[found.get(module, file.stem.replace("_", "-"))] = module

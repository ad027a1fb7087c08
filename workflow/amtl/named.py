"""Tables and figures by name: the file name is the name, and only that file is imported."""

import importlib
from pathlib import Path

from amtl.errors import InputError, nearest


class Inputs(dict):
    """Paths of input files by role; asking for a role that was not given is the caller's mistake."""

    def __missing__(self, role):
        raise InputError(f"this table or figure needs --{role}")


def load(package, name, function):
    """Return `function` of the module `name` in `package`, or raise InputError with the nearest name.

    Modules that lack the function are shared parts, not names.
    """
    folder = Path(package.__path__[0])
    names = [path.stem for path in folder.glob("[a-z]*.py") if f"def {function}(" in path.read_text()]
    if name not in names:
        raise InputError(f"no {name!r} in {package.__name__}{nearest(name, names)}")
    return getattr(importlib.import_module(f"{package.__name__}.{name}"), function)

"""The methods. Every public file in a folder here defines one, as ``SPEC``."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from amtl.errors import InputError, nearest

if TYPE_CHECKING:
    from amtl.methods._spec import MethodSpec


def find_methods() -> dict[str, str]:
    """Return {name: module} of all methods, without importing any of them."""
    files = sorted(Path(__file__).parent.glob("[!_]*/[!_]*.py"))
    return {file.stem.replace("_", "-"): f"{__name__}.{file.parent.name}.{file.stem}" for file in files}


def load_method(name: str) -> "MethodSpec":
    """Return a method of the library.

    Parameters
    ----------
    name : str
        Its entry name, such as ``"amtl"`` or ``"go-mtl"``.

    Returns
    -------
    MethodSpec
        The method.

    Raises
    ------
    InputError
        If there is no such method; the message has the nearest name.
    """
    found = find_methods()
    if name not in found:
        raise InputError(f"no method {name!r}{nearest(name, found)}")
    return importlib.import_module(found[name]).SPEC

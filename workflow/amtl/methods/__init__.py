"""The methods. Every public file in a folder here defines one, as ``SPEC``.

An installed package adds methods of its own by entry points of the group `GROUP`, from the method's name to
its module: ``my-ridge = "my_package.my_ridge"``.
"""

import importlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from amtl.errors import InputError, nearest

if TYPE_CHECKING:
    from amtl.methods._spec import MethodSpec

GROUP = "amtl.methods"


def find_methods() -> dict[str, str]:
    """Return {name: module} of all methods, without importing any of them.

    Raises InputError, which names the package, if two methods have the same name.
    """
    found = {
        file.stem.replace("_", "-"): f"{__name__}.{file.parent.name}.{file.stem}"
        for file in sorted(Path(__file__).parent.glob("[!_]*/[!_]*.py"))
    }
    for name, (module, package) in installed_methods().items():
        if name in found:
            raise InputError(
                f"package {package}: entry point {GROUP}: there is another method named {name!r}; "
                "rename it, or uninstall the package"
            )
        found[name] = module
    return found


@cache
def installed_methods() -> dict[str, tuple[str, str]]:
    """Return {name: (module, package)} of the methods that other installed packages have."""
    found = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        package = point.dist.name if point.dist else "?"
        if point.attr not in (None, "SPEC"):
            raise InputError(
                f"package {package}: entry point {GROUP}: {point.name} = {point.value!r}; give the module "
                "alone, which defines SPEC"
            )
        if point.name in found and found[point.name][0] != point.module:
            raise InputError(
                f"packages {found[point.name][1]} and {package}: both have a method named {point.name!r}; "
                "uninstall one"
            )
        found[point.name] = point.module, package
    return found


def load_method(name: str) -> "MethodSpec":
    """Return a method: one of the library or of an installed package.

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
        If there is no such method, with the nearest name, or if the package that has it cannot be used.
    """
    found = find_methods()
    if name not in found:
        raise InputError(f"no method {name!r}{nearest(name, found)}")
    if name not in installed_methods():
        return importlib.import_module(found[name]).SPEC
    where = f"package {installed_methods()[name][1]}: method {name!r}"
    try:
        spec = importlib.import_module(found[name]).SPEC
    except Exception as error:  # whatever the module does when it is imported
        raise InputError(
            f"{where}: {found[name]} has no SPEC that can be imported ({type(error).__name__}: {error})"
        ) from error
    if getattr(spec, "name", None) != name:
        raise InputError(f"{where}: its SPEC has the name {getattr(spec, 'name', None)!r}; make them equal")
    return spec

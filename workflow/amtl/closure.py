"""The package's own files that a script or module reaches by its imports.

A rule takes them as input (``code=``), so an edited solver re-runs exactly the methods that import it, and
their digest with the versions of other packages as a parameter (``origin=``). The imports are read from the
syntax tree: nothing is executed, and one start of the workflow reads a file once.
"""

import ast
import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Packages that are imported by another name than they are installed by.
INSTALLED_AS = {"sklearn": "scikit-learn", "yaml": "PyYAML"}


def closure(*files):
    """Return the sorted paths, relative to `ROOT`, of `files` and of all that they import from the package.

    files : paths relative to the workflow folder, such as ``scripts/fit.py``; name the modules that a script
        imports by name at run time (its method, dataset or figure) beside it.
    Raises FileNotFoundError when one of `files` does not exist.
    """
    return list(_closure(*files))


@cache
def _closure(*files):
    found, queue = set(), [Path(file) for file in files]
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            queue.extend(_parents(file) | _imports(file))
    return sorted(file.as_posix() for file in found)


def digest(files):
    """Return the sha256 over the names and contents of `files` (relative to the workflow folder)."""
    total = hashlib.sha256()
    for file in sorted(map(str, files)):
        total.update(f"{file}\0{_sha256(file)}\n".encode())
    return total.hexdigest()


@cache
def origin(*files):
    """Return what `files` and all they import are: a digest of our code, the versions of other packages."""
    reached = closure(*files)
    names = {name.split(".")[0] for file in reached for name in _names(Path(file))}
    foreign = sorted(names - sys.stdlib_module_names - {"amtl"})
    return {"code": digest(reached), "packages": {name: _version(name) for name in foreign}}


@cache
def _sha256(file):
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


@cache
def _version(name):
    """Return the version of the package that is imported as `name`, None when it is not installed."""
    try:
        return metadata.version(INSTALLED_AS.get(name, name))
    except metadata.PackageNotFoundError:
        return None


@cache
def _names(file):
    """Return the full names of what `file` imports directly, in functions too: modules and their parts."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = file.parts[: len(file.parts) - node.level]
                base = ".".join([*package, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


@cache
def _imports(file):
    """Return the package files that `file` imports directly."""
    return set().union(*map(_module_files, _names(file)))


def _module_files(name):
    """Return the file of module `name` with its packages' files; empty when it is none of ours."""
    path = Path(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if path.parts[:1] == ("amtl",) and (ROOT / file).is_file():
            return {file} | _parents(file)
    return set()


@cache
def _parents(file):
    """Return the ``__init__.py`` of every package that holds `file`."""
    packages = (parent / "__init__.py" for parent in file.parents)
    return {package for package in packages if (ROOT / package).is_file()}

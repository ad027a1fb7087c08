"""Which of our files a job's result depends on, and one digest of them.

A job depends on its script, on the modules that it imports by name (a method, a dataset, a table) and on all
that these import from our packages, read from the syntax trees: nothing is executed. The digest also covers
the installed versions of the other packages that they import. It is a parameter of every rule, so an edited
solver re-runs exactly the methods that import it, whatever the dates of the files.
"""

import ast
import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from amtl.methods import installed_methods
from workbench import source_loader
from workbench.source_loader import ROOT

OURS = ("amtl", "workbench", "scripts")
# Modules that check, carry or place results and never change one. What they carry is part of the job itself.
NEUTRAL = (
    "amtl/__init__.py",
    "amtl/errors.py",
    "amtl/methods/__init__.py",
    "workbench/code_dependencies.py",
    "workbench/datasets/_spec.py",
    "workbench/errors.py",
    "workbench/jobs.py",
    "workbench/plugins.py",
    "workbench/raw_files/checksums.py",
    "workbench/result_files.py",
    "workbench/run_info.py",
)
# Packages whose import name is not their distribution name.
INSTALLED_AS = {"sklearn": "scikit-learn", "yaml": "PyYAML"}
DIGITS = 20


@dataclass(frozen=True)
class Source:
    """A file of ours: its content, {name: path} of our files and the names of other packages it imports."""

    path: Path
    content: bytes
    files: dict
    packages: set


class CodeDependencies:
    """The files behind modules. Each file is read once per object."""

    def __init__(self):
        self._sources, self._digests = {}, {}
        self._version = cache(_version)

    def files(self, *modules):
        """Return {name: Source} of `modules` and their imports; a name is relative to the packages' folder.

        modules : full names, such as ``scripts.fit`` or ``amtl.methods.graph.amtl``.
        Raises FileNotFoundError for a module that does not exist.
        """
        found, queue = {}, []
        for module in modules:
            files = _files_of(module)
            if not any(name.endswith(f"{module.replace('.', '/')}.py") for name in files):
                raise FileNotFoundError(f"no module {module}")
            queue.extend(files.items())
        while queue:
            name, path = queue.pop()
            if name not in found and name not in NEUTRAL:
                found[name] = self._source(name, path)
                queue.extend(found[name].files.items())
        return dict(sorted(found.items()))

    def digest(self, *modules):
        """Return one digest of `files` and of the versions of all other packages that these import."""
        if modules not in self._digests:
            files = self.files(*modules)
            total = hashlib.sha256()
            for name, source in files.items():
                # A checkout with Windows line ends is the same code.
                content = source.content.replace(b"\r\n", b"\n")
                total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
            for package in sorted(set().union(*(source.packages for source in files.values()))):
                total.update(f"{package}\0{self._version(package)}\n".encode())
            self._digests[modules] = total.hexdigest()[:DIGITS]
        return self._digests[modules]

    def differ(self, compiled):
        """Return whether a file that was compiled ({path: bytes}) and read here has other content now."""
        read = {str(source.path): source.content for source in self._sources.values()}
        return any(read.get(path, content) != content for path, content in compiled.items())

    def _source(self, name, path):
        if name not in self._sources:
            content = path.read_bytes()
            imported = _imported_names(content, name)
            files = {file: place for each in imported for file, place in _files_of(each).items()}
            packages = {each.partition(".")[0] for each in imported} - sys.stdlib_module_names
            packages = {package for package in packages if _folder_of(package) is None}
            self._sources[name] = Source(path, content, files, packages)
        return self._sources[name]


def _version(package):
    try:
        return metadata.version(INSTALLED_AS.get(package, package))
    except metadata.PackageNotFoundError:
        return None


def _imported_names(content, file):
    """Return the full names that a file imports, inside functions too: modules and their parts."""
    parts = Path(file).with_suffix("").parts
    found = set()
    for node in ast.walk(ast.parse(content, file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = parts[: -node.level] if node.level else ()
            base = ".".join([*package, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def _files_of(module):
    """Return {relative name: path} of the file of `module` and of its packages; empty if it is not ours."""
    top, *_ = parts = module.split(".")
    folder = _folder_of(top)
    if folder is None:
        return {}
    names = [
        "/".join(parts) + ".py",
        *("/".join([*parts[:k], "__init__.py"]) for k in range(1, len(parts) + 1)),
    ]
    return {name: folder / name for name in names if (folder / name).is_file()}


def _folder_of(top):
    """Return the folder that holds the package or module `top`, or None unless its files count.

    The files of our packages, of the user's plug-ins and of installed packages with methods do.
    """
    if top in OURS:
        return ROOT
    # Plug-ins are searched last, so a name of the standard library is never theirs.
    if top in sys.stdlib_module_names:
        return None
    places = (Path(place) for place in source_loader.folders if Path(place) != ROOT)
    for place in places:
        if (place / top).is_dir() or (place / f"{top}.py").is_file():
            return place
    return _folder_of_installed(top) if top in _installed_packages() else None


def _installed_packages():
    """Return the names of the top packages and modules of installed methods."""
    return {module.partition(".")[0] for module, _ in installed_methods().values()}


def _folder_of_installed(top):
    spec = importlib.util.find_spec(top)
    if spec is None:
        return None
    places = spec.submodule_search_locations
    return Path(next(iter(places)) if places else spec.origin).parent

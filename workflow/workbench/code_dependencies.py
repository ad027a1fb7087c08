"""Which of our files a job's result depends on, and one digest of them.

A job depends on its script, on the modules that it imports by name (a method, a dataset, a table) and on all
that these import from our packages, read from the syntax trees: nothing is executed. The digest also covers
the installed versions of the other packages that they import. It is a parameter of every rule, so an edited
solver re-runs exactly the methods that import it, whatever the dates of the files.
"""

import ast
import hashlib
import sys
from importlib import metadata
from pathlib import Path

from workbench import source_loader

ROOT = Path(__file__).resolve().parent.parent
OURS = ("amtl", "workbench", "scripts")
# Modules that check, carry or place results and never change one. What they carry is part of the job itself.
NEUTRAL = (
    "amtl/__init__.py",
    "amtl/errors.py",
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


class CodeDependencies:
    """The files behind modules. Each file is read once per object."""

    def __init__(self):
        self._content, self._paths, self._names = {}, {}, {}
        self._places, self._versions, self._digests = {}, {}, {}

    def files(self, *modules):
        """Return the sorted files, relative to the folders that hold our packages, of `modules` and their
        imports.

        modules : full names, such as ``scripts.fit`` or ``amtl.methods.graph.amtl``. Packages that these
        names
            begin with count as ours, so a user's plug-ins are followed too.
        Raises FileNotFoundError for a module that does not exist.
        """
        found, queue = {}, []
        for module in modules:
            files = self._locate(module)
            if not any(name.endswith(f"{module.replace('.', '/')}.py") for name in files):
                raise FileNotFoundError(f"no module {module}")
            queue.extend(files.items())
        while queue:
            name, path = queue.pop()
            if name not in found and name not in NEUTRAL:
                found[name] = path
                for imported in self._imports(name, path):
                    queue.extend(self._locate(imported).items())
        return dict(sorted(found.items()))

    def digest(self, *modules):
        """Return one digest of `files` and of the versions of all other packages that these import."""
        if modules not in self._digests:
            files = self.files(*modules)
            imported = {
                name.split(".")[0] for file, path in files.items() for name in self._imports(file, path)
            }
            total = hashlib.sha256()
            for name, path in files.items():
                # A checkout with Windows line ends is the same code.
                content = self._read(name, path).replace(b"\r\n", b"\n")
                total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
            for package in sorted(imported - sys.stdlib_module_names):
                if _folder_of(package) is not None:
                    continue
                total.update(f"{package}\0{self._version(package)}\n".encode())
            self._digests[modules] = total.hexdigest()[:DIGITS]
        return self._digests[modules]

    def differ(self, compiled):
        """Return whether a file that was compiled ({path: bytes}) and read here has other content now."""
        read = {str(self._paths[name]): content for name, content in self._content.items()}
        return any(path in read and read[path] != content for path, content in compiled.items())

    def _locate(self, module):
        if module not in self._places:
            self._places[module] = _files_of(module)
        return self._places[module]

    def _read(self, name, path):
        if name not in self._content:
            self._content[name], self._paths[name] = path.read_bytes(), path
        return self._content[name]

    def _imports(self, name, path):
        """Return the full names that a file imports, inside functions too: modules and their parts."""
        if name not in self._names:
            self._names[name] = _imported_names(self._read(name, path), name)
        return self._names[name]

    def _version(self, package):
        if package not in self._versions:
            try:
                self._versions[package] = metadata.version(INSTALLED_AS.get(package, package))
            except metadata.PackageNotFoundError:
                self._versions[package] = None
        return self._versions[package]


def _imported_names(content, file):
    parts = Path(file).with_suffix("").parts
    found = set()
    for node in ast.walk(ast.parse(content, file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                base = [*parts[: len(parts) - node.level], *base]
            base = ".".join(base)
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
    """Return the folder that holds the package or module `top` of ours or of the user's plug-ins, or None."""
    if top in OURS:
        return ROOT
    # Plug-ins are searched last, so a name of the standard library is never theirs.
    if top in sys.stdlib_module_names:
        return None
    places = (Path(place) for place in source_loader.folders if Path(place) != ROOT)
    return next(
        (place for place in places if (place / top).is_dir() or (place / f"{top}.py").is_file()), None
    )

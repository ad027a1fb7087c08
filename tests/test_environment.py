"""The environment: locks, needs of the library and the wheel, how make sets it up, and how it is moved."""

import ast
import contextlib
import os
import pty
import re
import runpy
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from helpers.workflow_copy import UNPRIVILEGED

EXTRAS = ("workflow", "dev")


@pytest.fixture(scope="module")
def lock(project):
    return (project / "envs" / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def locked(lock):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", lock, re.MULTILINE))


@pytest.fixture(scope="module")
def pyproject(project):
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def direct(pyproject):
    """Names of the packages that pyproject.toml asks for."""
    content = pyproject["project"]
    extras = (name for extra in EXTRAS for name in content["optional-dependencies"][extra])
    return {*content["dependencies"], *extras}


def test_conda_and_pip_have_the_same_versions(project, locked, direct):
    environment = yaml.safe_load((project / "envs" / "amtl.yaml").read_text(encoding="utf-8"))
    versions = dict(line.split("=") for line in environment["dependencies"])
    assert versions.pop("python").startswith("3.")
    assert versions == {name: locked[name.replace(".", "-")] for name in direct}


@pytest.mark.slow
def test_conda_environment_can_be_solved(project):
    """Skipped without a solver, and where the channels are unreachable."""
    solver = next((name for name in ("mamba", "conda", "micromamba") if shutil.which(name)), None)
    if solver is None:
        pytest.skip("neither mamba nor conda nor micromamba is installed")
    group = ["create"] if solver == "micromamba" else ["env", "create"]
    command = [solver, *group, "--yes", "--dry-run", "--name", "amtl-solved", "--file", "envs/amtl.yaml"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=900)
    output = done.stdout + done.stderr
    if re.search(r"(?i)connection|could not resolve|http error|timed? ?out|offline", output):
        pytest.skip(f"the channels are unreachable: {output[-500:]}")
    assert done.returncode == 0, output


def test_versions_agree(project, pyproject):
    citation = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == pyproject["project"]["version"]
    assert citation["license"] == pyproject["project"]["license"]
    assert f"## {citation['version']} " in (project / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_locked_package_has_one_version_and_hashes(lock, locked):
    blocks = re.split(r"\n(?=\S)", lock.strip())
    assert len(blocks) == len(locked)
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize(
    "name", [f"requirements{extra}" for extra in ("", "-benchmark", "-browser", "-docs", "-slurm", "-tables")]
)
def test_lock_names_no_host(project, name):
    content = (project / "envs" / f"{name}.lock").read_text(encoding="utf-8")
    for word in ("http", "index", "find-links", "trusted-host", "file:"):
        assert word not in content, word


@pytest.mark.parametrize("name", ["benchmark", "browser", "docs", "slurm", "tables"])
def test_lock_of_an_extra_adds_packages_and_changes_none(project, pyproject, lock, name):
    content = (project / "envs" / f"requirements-{name}.lock").read_text(encoding="utf-8")
    extra = pyproject["project"]["optional-dependencies"][name]
    blocks = re.split(r"\n(?=\S)", content.strip())
    assert set(re.split(r"\n(?=\S)", lock.strip())) <= set(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    names = {block.split("==")[0] for block in blocks}
    assert set(extra) <= names and not [package for package in extra if f"\n{package}==" in lock]


def test_workflow_needs_no_newer_snakemake_than_the_lock_has(project, locked):
    asked = re.search(r'min_version\("([0-9.]+)"\)', (project / "Snakefile").read_text(encoding="utf-8"))[1]
    assert [int(part) for part in asked.split(".")] <= [int(part) for part in locked["snakemake"].split(".")]


def test_library_depends_on_numpy_and_scipy_and_the_estimators_on_scikit_learn(project, pyproject):
    assert set(pyproject["project"]["dependencies"]) == {"numpy", "scikit-learn", "scipy"}
    library = project / "workflow" / "amtl"
    # A comparison uses the estimators, and pandas if it is installed.
    files = {*library.rglob("*.py")} - {*library.glob("estimators/*.py"), library / "comparison.py"}
    # 2MTL has its own estimators. One file imports numba, which is an extra.
    files -= {library / "two_mtl" / name for name in ("_options.py", "classifier.py", "tagger.py")}
    files -= {library / "_compiled.py", library / "networks" / "estimators.py"}
    imported = {name.partition(".")[0] for file in files for name in imports(file)}
    assert imported - {"amtl", "numpy", "scipy"} <= sys.stdlib_module_names


def imports(file):
    """Return the names of the modules that a file imports, at its top and in functions."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "broken"),
    [("", False), ("import pandas", True), ("from workbench import pages", True)],
    ids=["as it is", "imports pandas", "imports the workbench"],
)
def test_import_linter_holds_the_wall(project, tmp_path, line, broken):
    pytest.importorskip("importlinter")
    shutil.copy(project / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project / "workflow", tmp_path / "workflow", ignore=ignore)
    with (tmp_path / "workflow" / "amtl" / "random.py").open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["workflow", *sys.path])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == broken, done.stdout + done.stderr


def test_files_are_opened_with_an_encoding(project):
    """Ruff's rule sees this only where it knows that an object is a path."""
    found = []
    for file in sorted((project / "workflow").rglob("*.py")):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Call) and opens_text(node):
                found.append(f"{file.relative_to(project)}:{node.lineno}")
    assert not found


def opens_text(call):
    """Return whether a call opens a file as text and leaves the encoding to the user's locale."""
    attribute = isinstance(call.func, ast.Attribute)
    name = call.func.attr if attribute else getattr(call.func, "id", "")
    keywords = {keyword.arg for keyword in call.keywords}
    if "encoding" in keywords or None in keywords:
        return False
    if name in ("read_text", "write_text") and attribute:
        # Those of a module, such as result_files.write_text, choose the encoding themselves.
        return not (isinstance(call.func.value, ast.Name) and call.func.value.id in ("result_files", "pages"))
    # Libraries have functions of this name for other files: tarfile.open, os.open, ...
    if name != "open" or (attribute and ast.unparse(call.func.value) in OTHER_OPENERS):
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    constants = [node for value in given for node in ast.walk(value) if isinstance(node, ast.Constant)]
    return not any(re.fullmatch(r"[rwax+]*b[rwax+]*", str(node.value)) for node in constants)


OTHER_OPENERS = {"os", "tarfile", "zipfile", "bz2", "gzip", "lzma", "archive", "opener", "Image"}


def test_schemas_are_found_in_the_project_and_in_the_wheel(project, pyproject, tmp_path, monkeypatch):
    from workbench.config import yaml_files

    load = yaml_files.load_schema.__wrapped__
    names = [path.name for path in (project / "workflow" / "schemas").iterdir()]
    assert names and all(load(name)["$schema"] for name in names)
    wheel = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"workflow/schemas": "workbench/schemas"}
    shutil.copytree(project / "workflow" / "schemas", tmp_path / "workbench" / "schemas")
    monkeypatch.setattr(yaml_files, "ROOT", tmp_path)
    assert all(load(name)["$schema"] for name in names)


def test_text_files_have_the_same_line_ends_in_every_checkout(project, tmp_path):
    shutil.copy(project / ".gitattributes", tmp_path)
    (tmp_path / "module.py").write_bytes(b"one = 1\ntwo = 2\n")
    (tmp_path / "data.npz").write_bytes(b"PK\x00\r\n")
    for command in (
        ["init", "-q"],
        ["config", "core.autocrlf", "true"],
        ["add", "."],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    for name in ("module.py", "data.npz"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        subprocess.run(["git", "checkout", "-q", "--", name], cwd=tmp_path, check=True)
        assert (tmp_path / name).read_bytes() == content


def make(root, *arguments, prefix=(), **variables):
    """Run `make` in `root` with this Python; a variable whose value is None is not set."""
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
    environment |= {key: value for key, value in variables.items() if value is not None}
    for key in [key for key, value in variables.items() if value is None]:
        environment.pop(key, None)
    return subprocess.run(
        [*prefix, "make", *arguments, f"PYTHON={sys.executable}"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(project, tmp_path):
    """The project in a new folder, with a lock that names no package."""
    root = tmp_path / "project"
    for name in ("envs", "workflow"):
        shutil.copytree(project / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project / "Makefile", root)
    (root / "envs" / "requirements.lock").write_text("# nothing\n", encoding="utf-8")
    return root


def test_environment_is_set_up_whatever_pip_is_configured_to_do(copy, tmp_path):
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n", encoding="utf-8")
    places = {"PIP_TARGET": str(tmp_path / "target"), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    done = make(copy, ".venv/ready", PIP_USER="1", HOME=str(tmp_path / "missing"), **places)
    assert done.returncode == 0 and (copy / ".venv" / "ready").exists(), done.stdout + done.stderr
    assert not (tmp_path / "target").exists()


def test_nothing_is_installed_where_a_python_is_given(copy):
    # A lock that cannot be installed.
    (copy / "envs" / "requirements.lock").write_text("no-such-package==0.0.0\n", encoding="utf-8")
    done = make(copy, "usable", f"BIN={os.path.dirname(sys.executable)}")
    assert done.returncode == 0 and not (copy / ".venv").exists(), done.stdout + done.stderr
    done = make(copy, "usable", f"BIN={copy}")
    assert done.returncode != 0 and "remove .venv" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith(f"error: {copy}/python ")]


@pytest.mark.parametrize("target", ["folder", "missing"])
def test_environment_behind_a_link_is_not_deleted(copy, tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").touch()
    (copy / ".venv").symlink_to(tmp_path / target)
    done = make(copy, ".venv/ready")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("error: .venv ")]
    assert (tmp_path / "folder" / "mine").exists() and (copy / ".venv").is_symlink()


def test_clean_follows_a_link_to_results_and_keeps_what_was_published(copy, tmp_path):
    assert make(copy, "clean").returncode == 0
    disk = tmp_path / "disk"
    for name in ("fits", "published"):
        (disk / name).mkdir(parents=True)
    (copy / "results").symlink_to(disk)
    assert make(copy, "clean", "FORCE=1").returncode == 0
    assert [path.name for path in disk.iterdir()] == ["published"]


def test_clean_asks_before_it_removes_results(copy):
    for name in (".venv", "results/fits", "results/published"):
        (copy / name).mkdir(parents=True)
    refused = make(copy, "clean")
    assert refused.returncode != 0 and "FORCE=1" in refused.stderr
    for answer, kept in (("n", True), ("y", False)):
        done = answered(copy, answer, "make", "clean")
        assert (copy / "results" / "fits").exists() == kept, done
    assert (copy / "results" / "published").exists() and (copy / ".venv").exists()
    # Nothing is left to ask about.
    assert make(copy, "clean").returncode == 0
    assert make(copy, "distclean").returncode == 0 and not (copy / ".venv").exists()


def answered(root, answer, *command):
    """Run a command on a terminal on which `answer` is typed; return what it shows."""
    shown = b""
    child, terminal = pty.fork()
    if not child:
        os.chdir(root)
        os.execvp(command[0], command)
    os.write(terminal, f"{answer}\n".encode())
    # The terminal reports the end of the child by an error.
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 1000):
            shown += part
    os.waitpid(child, 0)
    return shown.decode()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("WARNING: Retrying\nNameResolutionError(...)\nERROR: No matching distribution found", "no network"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "space"),
        ("note\nERROR: hashes differ\n  of a package\nERROR: later", "hashes differ"),
        ("", "again"),
    ],
)
def test_a_failed_installation_has_a_reason_in_one_line(project, text, word):
    install = runpy.run_path(str(project / "envs" / "install.py"))
    reason = install["reason"](text)
    assert word in reason and "\n" not in reason


def test_without_a_registry_the_network_is_named(copy):
    (copy / "envs" / "requirements.lock").write_text(f"tabulate==0.10.0 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    done = make(copy, ".venv/ready", **nowhere)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert done.returncode != 0 and "no network" in line
    assert len(done.stderr.splitlines()) < 5


def test_caches_go_into_the_project_without_a_home(copy, tmp_path):
    (tmp_path / "file").touch()
    with (copy / "Makefile").open("a", encoding="utf-8") as stream:
        stream.write('\nshow:\n\t@echo "$${XDG_CACHE_HOME-}:$${MPLCONFIGDIR-}"\n')
    given = {"XDG_CACHE_HOME": None, "MPLCONFIGDIR": None}
    # A path below a file cannot be made, not even by root.
    shown = make(copy, "-s", "show", HOME=str(tmp_path / "file" / "home"), **given).stdout.strip()
    assert all(path.startswith(f"{copy}/.venv/") for path in shown.split(":"))
    (tmp_path / "home").mkdir()
    assert make(copy, "-s", "show", HOME=str(tmp_path / "home"), **given).stdout.strip() == ":"
    (tmp_path / "home" / ".cache").chmod(0o555)
    shown = make(copy, "-s", "show", HOME=str(tmp_path / "home"), prefix=UNPRIVILEGED, **given).stdout
    assert shown.startswith(f"{copy}/.venv/")
    given["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    shown = make(copy, "-s", "show", HOME=str(tmp_path / "file"), **given).stdout.strip()
    assert shown == f"{tmp_path / 'cache'}:"


# As pip writes a script, and as it does where the path has a space.
HEADERS = {
    "project": "#!{python}\n",
    "my project": "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n",
}
TOOL = "# -*- coding: utf-8 -*-\nimport sys\nprint(sys.prefix, *sys.argv[1:])\n"


@pytest.mark.parametrize("name", HEADERS)
def test_moved_environment_runs_its_own_scripts(project, tmp_path, name):
    old = tmp_path / name / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", old], check=True)
    tool = old / "bin" / "tool"
    tool.write_text(HEADERS[name].format(python=old / "bin" / "python") + TOOL, encoding="utf-8")
    tool.chmod(0o755)
    other = old / "bin" / "other"
    other.write_text("#!/bin/sh\necho other\n", encoding="utf-8")
    command = [old / "bin" / "python", project / "envs" / "relocatable.py"]
    subprocess.run(command, check=True)
    first = (old / "bin" / "activate").read_text(encoding="utf-8")
    # The next installation calls it again.
    subprocess.run(command, check=True)
    assert (old / "bin" / "activate").read_text(encoding="utf-8") == first
    assert other.read_text(encoding="utf-8") == "#!/bin/sh\necho other\n"
    new = tmp_path / "moved here" / ".venv"
    (tmp_path / name).rename(new.parent)
    # The old place has another environment by now.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", old], check=True)
    (tmp_path / "link").symlink_to(new / "bin" / "tool")
    activated = '. .venv/bin/activate && tool "a b" && echo "$VIRTUAL_ENV" && deactivate && ! command -v tool'
    elsewhere = f"cd /; source '{new}/bin/activate'; tool; pwd"
    for command, expected in (
        ([new / "bin" / "tool", "a b"], f"{new} a b\n"),
        ([tmp_path / "link", "a b"], f"{new} a b\n"),
        (["bash", "-uc", f"CDPATH='{old.parent}'; {activated}"], f"{new} a b\n{new}\n"),
        (["bash", "-c", elsewhere], f"{new}\n/\n"),
    ):
        done = subprocess.run(command, cwd=new.parent, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == (expected, ""), command


def test_relocatable_refuses_a_python_outside_an_environment(project):
    base = os.path.realpath(sys.executable)
    done = subprocess.run([base, project / "envs" / "relocatable.py"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error:")

"""Methods, datasets, tables and figures of a user: in a folder, in the project, in an installed package."""

import os
import re
import shlex
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
import yaml

from helpers.installed_method import install
from helpers.pages import blocks
from helpers.workflow_copy import require_success, run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

TABLE = '''
"""The mean error of each method on two lines."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.scores import Scores


def build(run, inputs):
    scores = Scores(inputs["scores"])
    errors = {each.name: scores.values("two-lines", each.name, "rmse")[1] for each in run.methods}
    return Table(
        title="Errors on two lines",
        columns=["Method", "Error"],
        align="lr",
        blocks=[(None, [[each.title, f"{errors[each.name]:.2f}"] for each in run.methods])],
        records=[{"method": name, "error": error} for name, error in errors.items()],
    )


SPEC = OutputSpec(label="Errors", section="My study", order=1, make=build, reads=("scores",))
'''
FIGURE = '''
"""The training rows of the dataset of two lines."""

from workbench.report._spec import OutputSpec
from workbench.split_files import load_split


def draw(run, inputs):
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot(title="Training rows of two lines")
    for path, digest in inputs["splits"]:
        part = load_split(path, digest).train
        axes.plot(part.X[:, 0], part.y, "o")
    return figure


SPEC = OutputSpec(
    label="Rows",
    section="My study",
    order=2,
    make=draw,
    applies=lambda run: run.dataset("two-lines") is not None,
    splits=lambda run: {"two-lines": [1]},
)
'''


def example(project, kind):
    """Return the Python file in docs/how-to/add-a-{kind}.md."""
    page = (project / "docs" / "how-to" / f"add-a-{kind}.md").read_text(encoding="utf-8")
    return blocks(page, "python")[0]


def write(files):
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def study(project, fresh, copy_of, tmp_path):
    """A copy that runs a user's dataset and method, which are the examples of the documentation."""
    copy, folder = copy_of(fresh), tmp_path / "my_study"
    write(
        {
            folder / "methods" / "my_method.py": example(project, "method"),
            folder / "datasets" / "two_lines.py": example(project, "dataset"),
            folder / "tables" / "errors.py": TABLE,
            folder / "tables" / "errors.rst": "Errors of lines.\n",
            folder / "figures" / "rows.py": FIGURE,
            folder / "figures" / "rows.rst": "Rows of two lines.\n",
        }
    )
    run = {"datasets": ["two-lines"], "methods": ["stl", "my-method"], "splits": 1}
    copy.configure(lambda config: config.update(plugins=[str(folder)], run={**config["run"], **run}))
    return copy


TARGETS = ["results/tables/table1.html", "results/tables/errors.html", "results/figures/rows.svg"]


def test_plugins_appear_in_the_results(study, tmp_path):
    study.succeed(*TARGETS)
    results = study.root / "results"
    table = (results / "tables" / "table1.md").read_text(encoding="utf-8")
    assert "Two lines" in table and "My method" in table
    errors = (results / "tables" / "errors.md").read_text(encoding="utf-8")
    assert "Errors on two lines" in errors and re.search(r"\| My method \| 0\.\d\d \|", errors)
    assert "Training rows of two lines" in (results / "figures" / "rows.svg").read_text(encoding="utf-8")
    assert study.planned(*TARGETS) == set()
    # The reports show them in a section of their own, with the captions beside their files.
    study.succeed("--report", "results/provenance.html", *TARGETS)
    study.succeed("results/report.html")
    for name in ("provenance", "report"):
        report = (results / f"{name}.html").read_text(encoding="utf-8")
        assert all(text in report for text in ("My study", "Errors of lines.", "Rows of two lines."))
    assert not list(tmp_path.rglob("__pycache__"))
    append(tmp_path / "my_study" / "methods" / "my_method.py", "# edited")
    assert fits(study.planned(*TARGETS)) == {"Fitting my-method on split 1 of two-lines"}
    assert "Drawing rows" not in study.planned(*TARGETS)


def append(file, line):
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def fits(planned):
    return {message for message in planned if message.startswith("Fitting ")}


def test_a_method_is_added_to_the_project_by_the_commands_of_the_guide(project, fresh, copy_of):
    copy = copy_of(fresh)
    page = (project / "docs" / "how-to" / "add-a-method.md").read_text(encoding="utf-8")
    command = blocks(page, "bash")[0].splitlines()[0]
    assert command.startswith("cp ")
    require_success(run(shlex.split(command), copy.root))
    given = next(each for each in map(yaml.safe_load, blocks(page, "yaml")) if "plugins" not in each)
    copy.configure(lambda config: config.update(run={**config["run"], **given["run"], "splits": 1}))
    check_everywhere(copy, [sys.executable], copy.root / "workflow" / "amtl/methods/single/my_method.py")


def test_a_method_of_an_installed_package_is_found_like_one_of_the_project(project, fresh, copy_of, tmp_path):
    copy = copy_of(fresh)
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    # Our packages are those of this Python.
    (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    helper = "from amtl.methods._grids import largest_curvature, ridge_grid\n"
    write({site / "my_package" / "_grid.py": helper})
    text = example(project, "method").replace("amtl.methods._grids", "my_package._grid")
    install(site, "my-method", "my_package.my_method", text, package="my-package")
    settings = {"datasets": ["synthetic"], "methods": ["stl", "my-method"], "splits": 1}
    copy.configure(lambda config: config.update(run={**config["run"], **settings}))
    check_everywhere(copy, [str(python)], site / "my_package" / "_grid.py")


def check_everywhere(copy, python, file):
    """Check that the method appears everywhere; an edit of the `file` repeats its fits alone."""

    def snakemake(*arguments):
        command = [*python, "-m", "snakemake", "--configfile", "run.yaml", "--cores", "2", *arguments]
        return require_success(run([*command, target], copy.root))

    target = "results/tables/table1.md"
    snakemake()
    assert "My method" in (copy.root / target).read_text(encoding="utf-8")
    program = (
        "import amtl, generate\n"
        "model = amtl.MyMethodRegressor(pull=2.0).fit([[[1.0], [2.0], [4.0]]] * 2, [[1.0, 2.0, 3.0]] * 2)\n"
        "print(model.coef_.shape, 'MyMethodClassifierCV' in dir(amtl), amtl.load_method('my-method').order)\n"
        "print('Entry `my-method`.' in generate.methods(), 'MyMethodRegressor' in generate.estimators())\n"
        "print('my-method' in generate.reference.reference())\n"
    )
    path = os.pathsep.join([str(copy.root / "workflow"), str(ROOT / "docs")])
    done = require_success(run([*python, "-B", "-c", program], copy.root, variables={"PYTHONPATH": path}))
    assert done.stdout.split() == ["(2,", "1)", "True", "900", "True", "True", "True"]
    append(file, "# edited")
    done = snakemake("--dry-run")
    planned = set(re.findall(r"^ *Job \d+: (.*)$", done.stdout + done.stderr, re.MULTILINE))
    assert fits(planned) == {"Fitting my-method on split 1 of synthetic"}


def test_the_guide_shows_the_template(project):
    template = project / "workflow" / "amtl" / "methods" / "_template.py"
    assert example(project, "method") == template.read_text(encoding="utf-8")

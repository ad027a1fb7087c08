"""A method, a dataset, a table and a figure of a user, each one file in a folder outside the project."""

import re

import pytest

pytestmark = pytest.mark.slow

# A file of the example in docs/how-to: its path, and its text.
EXAMPLE = re.compile(r"`(my_study/\S+\.py)`.*?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
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


@pytest.fixture
def study(project, fresh, copy_of, tmp_path):
    """A copy that runs a user's dataset and method, which are the example of the documentation."""
    copy = copy_of(fresh)
    pages = [project / "docs" / "how-to" / f"add-a-{kind}.md" for kind in ("method", "dataset")]
    files = dict(EXAMPLE.findall("\n".join(page.read_text(encoding="utf-8") for page in pages)))
    files |= {"my_study/tables/errors.py": TABLE, "my_study/tables/errors.rst": "Errors of lines.\n"}
    files |= {"my_study/figures/rows.py": FIGURE, "my_study/figures/rows.rst": "Rows of two lines.\n"}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run = {"datasets": ["two-lines"], "methods": ["stl", "half-stl"], "splits": 1}
    folder = str(tmp_path / "my_study")
    copy.configure(lambda config: config.update(plugins=[folder], run={**config["run"], **run}))
    return copy


TARGETS = ["results/tables/table1.html", "results/tables/errors.html", "results/figures/rows.svg"]


def test_plugins_appear_in_the_results(study, tmp_path):
    study.succeed(*TARGETS)
    results = study.root / "results"
    table = (results / "tables" / "table1.md").read_text(encoding="utf-8")
    assert "Two lines" in table and "Half STL" in table
    errors = (results / "tables" / "errors.md").read_text(encoding="utf-8")
    assert "Errors on two lines" in errors and re.search(r"\| Half STL \| 0\.\d\d \|", errors)
    assert "Training rows of two lines" in (results / "figures" / "rows.svg").read_text(encoding="utf-8")
    assert study.planned(*TARGETS) == set()
    # The reports show them in a section of their own, with the captions beside their files.
    study.succeed("--report", "results/provenance.html", *TARGETS)
    study.succeed("results/report.html")
    for name in ("provenance", "report"):
        report = (results / f"{name}.html").read_text(encoding="utf-8")
        assert all(text in report for text in ("My study", "Errors of lines.", "Rows of two lines."))
    assert not list(tmp_path.rglob("__pycache__"))
    method = tmp_path / "my_study" / "methods" / "half_stl.py"
    method.write_text(method.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    planned = study.planned(*TARGETS)
    assert "Fitting half-stl on split 1 of two-lines" in planned
    assert not {"Fitting stl on split 1 of two-lines", "Drawing rows"} & planned

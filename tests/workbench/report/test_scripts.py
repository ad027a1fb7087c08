"""The scripts that make one table or one figure: inputs are checked, outputs are placed at the end."""

import json
from pathlib import Path

import pytest

from helpers.made_up_results import (
    META,
    Made,
    fit_record,
    fit_set,
    make_split,
    run_of,
    write_fits,
    write_split,
)
from helpers.made_up_results import write as write_results
from helpers.scripts import run_python, run_script
from workbench import source_loader
from workbench.code_dependencies import CodeDependencies
from workbench.jobs import FigureJob, FitSet, TableJob
from workbench.result_files import file_checksum, save_record

pytestmark = pytest.mark.slow

RUN = run_of(["synthetic"], ["stl", "amtl"])
SCORES = "digest of the scores"


def job_of(kind, name, run=RUN, fits=None, module=None, **changes):
    module = module or f"workbench.report.{'tables' if kind is TableJob else 'figures'}.{name}"
    facts = {"run": run, "fits": fits or FitSet(), "scores": SCORES, "others": {}, "registry": {}, **changes}
    code = CodeDependencies().digest(f"scripts.{kind.script}", module)
    return kind(**{"name": name, "module": module, "code": code, **facts})


@pytest.fixture
def results(tmp_path):
    """Return a folder with scores.csv and timings.csv and their record."""
    write_results(tmp_path, {"synthetic": {"stl": 20, "amtl": (16, 0.5)}})
    record(tmp_path)
    return tmp_path


def record(folder, digest=SCORES):
    sums = {path.name: file_checksum(path) for path in folder.glob("*.csv")}
    save_record(folder / "scores.json", Made(digest), {"files": sums})


def make(job, *arguments, **environment):
    """Run the script; the record of its files stands beside the last argument, an output."""
    record = ("--record", Path(arguments[-1]).with_suffix(".json"))
    return run_script(job.script, "--job", job.to_json(), *arguments, *record, **environment)


def only_line(done):
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_a_table_is_written_in_every_format(results):
    outputs = [results / f"t.{suffix}" for suffix in ("csv", "md", "tex", "html")]
    done = make(job_of(TableJob, "table1"), "--scores", results / "scores.csv", "--outputs", *outputs)
    assert done.returncode == 0, done.stderr
    assert all("AMTL" in path.read_text(encoding="utf-8") for path in outputs)


def test_a_locale_without_utf8_changes_nothing(results):
    arguments = ["--scores", results / "scores.csv", "--outputs"]
    for name, changes in (("a", {}), ("b", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})):
        done = make(job_of(TableJob, "table1"), *arguments, results / f"{name}.md", **changes)
        assert done.returncode == 0, done.stderr
    assert (results / "a.md").read_bytes() == (results / "b.md").read_bytes()
    assert "±".encode() in (results / "a.md").read_bytes()


def test_scores_of_another_job_are_refused(results):
    record(results, digest="of another run")
    done = make(job_of(TableJob, "table1"), "--scores", results / "scores.csv", "--outputs", results / "t.md")
    assert "scores.json" in only_line(done) and not (results / "t.md").exists()


def test_an_edited_tidy_table_is_refused(results):
    path = results / "scores.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("20.1", "10.1"))
    done = make(job_of(TableJob, "table1"), "--scores", path, "--outputs", results / "t.md")
    assert str(path) in only_line(done) and not (results / "t.md").exists()


def test_a_missing_tidy_table_is_named(results):
    (results / "scores.csv").unlink()
    done = make(job_of(TableJob, "table1"), "--scores", results / "scores.csv", "--outputs", results / "t.md")
    assert "scores.csv" in only_line(done)


def test_a_missing_argument_is_named(results):
    assert "--scores" in only_line(make(job_of(TableJob, "table1"), "--outputs", results / "t.md"))


def test_changed_code_places_nothing(results):
    job = job_of(TableJob, "table1", code="of yesterday")
    done = make(job, "--scores", results / "scores.csv", "--outputs", results / "t.md")
    assert "code" in only_line(done) and not (results / "t.md").exists()


def test_a_figure_is_drawn_from_checked_fits(tmp_path):
    split = make_split(width=21, meta=META)
    path, digest = write_split(tmp_path / "data" / "synthetic" / "split1.npz", split)
    content = (fit_record(), {"W": split.train.X[:21, :1] + [[0.0] * 12], "objective": [1.0]})
    places = [("synthetic", "amtl", 1)]
    write_fits(tmp_path / "fits", {places[0]: content})
    run = run_of(["synthetic"], ["amtl"])
    job = job_of(FigureJob, "figure1b", run, fit_set(places), scores="")
    arguments = ["--fits", tmp_path / "fits", "--splits", path, "--outputs", tmp_path / "f.svg"]
    done = make(job, *arguments, MPLBACKEND="module://no_such_backend")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.svg").read_text(encoding="utf-8").startswith("<?xml")

    stale = FitSet({"synthetic": {"1": digest}}, {"synthetic": {"amtl": ["other settings", [1]]}})
    done = make(job_of(FigureJob, "figure1b", run, stale, scores=""), *arguments)
    assert "fits/synthetic/amtl/split1.npz" in only_line(done)
    foreign = FitSet({"synthetic": {"1": "other data"}}, {"synthetic": {"amtl": ["settings", [1]]}})
    done = make(job_of(FigureJob, "figure1b", run, foreign, scores=""), *arguments)
    assert str(path) in only_line(done)
    done = make(job_of(FigureJob, "figure1b", run, FitSet(), scores=""), *arguments)
    assert str(path) in only_line(done)


def test_a_notebooks_backend_changes_no_byte(results):
    arguments = ["--scores", results / "scores.csv", "--outputs"]
    rows = (results / "scores.csv").read_text(encoding="utf-8")
    tasks = [
        f"synthetic,{k},{name},{t},rmse,{20 + t + k * i}\n"
        for i, name in enumerate(("stl", "amtl"))
        for k in (1, 2)
        for t in (1, 2)
    ]
    (results / "scores.csv").write_text(rows + "".join(tasks))
    record(results)
    job = job_of(FigureJob, "gains")
    for name, changes in (("a", {}), ("b", {"MPLBACKEND": "module://matplotlib_inline.backend_inline"})):
        done = make(job, *arguments, results / f"{name}.svg", **changes)
        assert done.returncode == 0, done.stderr
    assert (results / "a.svg").read_bytes() == (results / "b.svg").read_bytes()


def test_a_users_own_table_is_one_file(results, monkeypatch):
    folder = results / "mine" / "tables"
    folder.mkdir(parents=True)
    (folder / "count.py").write_text(
        "from workbench.report._spec import OutputSpec\n"
        "from workbench.report.render import Table\n\n\n"
        "def build(run, inputs):\n"
        "    return Table('My table', ['Methods'], 'r', [(None, [[str(len(run.methods))]])], [])\n\n\n"
        "SPEC = OutputSpec(label='Count', section='Mine', order=1, make=build)\n"
    )
    monkeypatch.setattr(source_loader, "folders", [str(results)])
    job = job_of(TableJob, "count", module="mine.tables.count", scores="")
    done = make(job, "--outputs", results / "t.md", folders=[results])
    assert done.returncode == 0, done.stderr
    assert "My table" in (results / "t.md").read_text(encoding="utf-8")


def test_all_specs_are_complete_and_cheap_to_import(project):
    program = (
        "import sys, json\nfrom workbench import plugins\n"
        "found = [(k, n, plugins.load_module(m)) for k in ('tables', 'figures')"
        " for n, m in plugins.find(k).items()]\n"
        "heavy = [name for name in ('matplotlib', 'pandas', 'scipy', 'sklearn') if name in sys.modules]\n"
        "print(json.dumps([heavy, [(k, n, s.label, s.section, s.order) for k, n, s in found]]))"
    )
    heavy, specs = json.loads(run_python(program).stdout)
    assert not heavy
    assert len({(section, order) for _, _, _, section, order in specs}) == len(specs)
    labels = {name: label for _, name, label, _, _ in specs}
    assert (labels["table1"], labels["figure1a"], labels["figure3"]) == (
        "Table 1",
        "Figure 1 (a)",
        "Figure 3",
    )
    assert len(set(labels.values())) == len(labels)
    for name in labels:
        caption = (project / "workflow" / "report" / f"{name}.rst").read_text(encoding="utf-8")
        assert len(caption.split()) > 5

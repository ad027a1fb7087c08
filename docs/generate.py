"""The pages of the site that are made from the code and the published results.

`conf.py` writes them to docs/generated when the site is built. A new method, dataset, table, figure, rule or
configuration key therefore needs no edit of the documentation.
"""

import importlib
import inspect
import os
import re
import shutil

import amtl
from amtl import estimators as estimator_classes
from workbench import plugins
from workbench.config import reference
from workbench.raw_files import registry
from workbench.report import summary
from workbench.scores import read_csv
from workbench.source_loader import ROOT

PROJECT = ROOT.parent
PUBLISHED = PROJECT / "results" / "published"
# The survey on all data, and on data that need no network.
SURVEYS = (PUBLISHED / "survey", PUBLISHED / "survey-default")
CLAIMS = PUBLISHED / "paper" / "claims.csv"
STATEMENTS = PUBLISHED / "statements" / "statements.csv"
# One row per system that the survey names: where it stands here.
SURVEY = PROJECT / "docs" / "survey-systems.csv"
IMPLEMENTED, EQUAL, MISSING, OUTSIDE = "implemented", "equal", "not implemented", "out of scope"
# The statuses of a row, and what the page writes before the link to its method.
STATUSES = {IMPLEMENTED: "", EQUAL: "equal to ", MISSING: "not implemented; nearest: ", OUTSIDE: ""}
REPLICATION = PUBLISHED / "replication"


def pages():
    """Return {name of a page: its text}."""
    return {
        "configuration-keys": reference.reference(),
        "methods": methods(),
        "datasets": datasets(),
        "outputs": outputs(),
        "rules": rules(),
        "estimators": estimators(),
        **{f"estimators-{spec.name}": estimators_of(spec) for spec in _estimated()},
        "library": library(),
        "survey": survey(),
        "which-method": which_method(),
        "verdicts": verdicts(),
        "statement-verdicts": statement_verdicts(),
        "verdicts-by-splits": verdicts_by_splits(),
        "results": results(),
    }


def write(folder):
    """Write all pages to `folder`. A file that would not change keeps its date."""
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def copy_reports(folder):
    """Copy the published reports to `folder`/reports, as pages of the site."""
    target = folder / "reports"
    shutil.rmtree(folder, ignore_errors=True)
    target.mkdir(parents=True)
    for name, path in _reports().items():
        shutil.copy(path, target / f"{name}.html")


def _reports():
    """Return {run: path} of the published reports."""
    return {path.parent.name: path for path in sorted(PUBLISHED.glob("*/report.html"))}


def _specs(kind):
    """Return (SPEC, module) of all plug-ins of a kind, in the order of the tables."""
    found = [(plugins.load(kind, name), module) for name, module in plugins.find(kind).items()]
    return sorted(found, key=lambda item: (item[0].order, item[1]))


def _file(module):
    if not module.startswith(("amtl.", "workbench.")):
        return module  # of another installed package
    return f"workflow/{module.replace('.', '/')}.py"


def _table(head, rows):
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in cells
    )


def _list(facts):
    return "\n".join(f"* {key}: {value}" for key, value in facts.items() if value)


def _options(spec):
    if not spec.options:
        return "none"
    names = ", ".join(f"`{name}`" for name in spec.options)
    return f"{names} ([meanings](configuration-keys.md#{_anchor(spec)}))"


def _anchor(spec):
    """Return the anchor of a method or dataset on the page of all keys, from its heading."""
    heading = f"{spec.name}: {spec.title}".lower()
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def methods():
    """Return the page of all methods: what each minimizes, its source and its options."""
    parts = ["# Methods", METHODS_INTRODUCTION]
    for spec, module in _specs("methods"):
        facts = {
            "Source": spec.citation,
            "Applies to": ", ".join(spec.applies_to),
            "Hyper-parameters": ", ".join(f"`{axis.name}`" for axis in spec.axes) or "none",
            "Options": _options(spec),
            "Starts from": f"`{spec.init.name}`" if spec.init else "no other method",
            "Learns": ", ".join(["weights", *spec.learns]),
            "File": f"`{_file(module)}`",
        }
        title = f"{spec.title} (control)" if spec.control else spec.title
        parts += [f"## {title}", f"Entry `{spec.name}`. It minimizes", f"```text\n{spec.objective}\n```"]
        parts.append(_list(facts))
    return "\n\n".join(parts) + "\n"


METHODS_INTRODUCTION = """\
Every method gets the same rows and an initial grid of the same size; the validation rows choose one point.

W (d, T) holds the weights, one column w_t per task. F_t is the loss of task t: the sum of squared errors, or
of logistic losses. B (T, T) is the graph, B[s, t] the edge from s to t, and b_t^o the outgoing edges of t.
A control is a reference level and is not ranked."""


def datasets():
    """Return the page of all datasets: what each is, and its raw files with licence and citation."""
    entries = registry.load(PROJECT / "config" / "raw-files.yaml")
    parts = ["# Datasets", DATASETS_INTRODUCTION]
    for spec, module in _specs("datasets"):
        text = inspect.getdoc(importlib.import_module(module))
        files = spec.files({name: rule["default"] for name, rule in spec.options.items()})
        sources = {(entries[name]["licence"], entries[name]["citation"]): None for name in files}
        facts = {
            "Tasks": spec.kind,
            "Raw files": ", ".join(f"`{name}`" for name in files) or "none",
            "Source": " ".join(f"{citation}. Licence: {licence}." for licence, citation in sources),
            "Options": _options(spec),
            "File": f"`{_file(module)}`",
        }
        parts += [f"## {spec.title}", f"Entry `{spec.name}`.", f"```text\n{text}\n```"]
        parts.append(_list(facts))
    return "\n\n".join(parts) + "\n"


DATASETS_INTRODUCTION = """\
The raw files are those of the default options. `config/raw-files.yaml` has their addresses and checksums. The
project contains no dataset."""


def outputs():
    """Return the page of all tables and figures of a run."""
    parts = [
        "# Tables and figures",
        "A run makes those that apply to it, in `results/tables` and `results/figures`.",
    ]
    for kind in ("tables", "figures"):
        rows = []
        for spec, module in _specs(kind):
            first = inspect.getdoc(importlib.import_module(module)).split("\n\n")[0]
            rows.append([f"`{_name(module)}`", spec.label, spec.section, " ".join(first.split())])
        parts += [f"## {kind.capitalize()}", _table(["File name", "Label", "Section", "Content"], rows)]
    return "\n\n".join(parts) + "\n"


def _name(module):
    """Return the name of a plug-in from that of its module."""
    return module.rpartition(".")[2].replace("_", "-")


RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def rules():
    """Return the page of all rules, read from the rule files."""
    parts = ["# Rules", RULES_INTRODUCTION]
    for file in sorted((PROJECT / "workflow" / "rules").glob("*.smk")):
        text = file.read_text(encoding="utf-8")
        rows = []
        for name, body in RULE.findall(text):
            message = re.search(r'message:\s+"([^"]*)"', body)
            output = re.search(r"(?:^|\n)    output:\n((?: {8}.*\n)*)", body)
            files = re.findall(r'"(results/[^"]*)"', output[1]) if output else []
            where = "where Snakemake runs" if "localrule: True" in body else "as a job"
            rows.append(
                [
                    f"`{name}`",
                    message[1].replace("wildcards.", "")
                    if message
                    else "asks for the results of other rules",
                    "<br>".join(f"`{path}`" for path in files) or "–",
                    where if message else "–",
                ]
            )
        if rows:
            parts += [
                f"## {file.name}",
                " ".join(inspect.cleandoc(text.split('"""')[1]).split("\n\n")[0].split()),
            ]
            parts.append(_table(["Rule", "What it does", "Files", "On a cluster"], rows))
    return "\n\n".join(parts) + "\n"


RULES_INTRODUCTION = """\
Each job of a rule calls one short script of `workflow/scripts`. A word in braces stands for a name, such as
that of a dataset. `rule all` in `Snakefile` asks for everything that the default run makes."""


def library():
    """Return the page of the library's public names, from their docstrings."""
    parts = ["# The library", "```{eval-rst}\n.. py:module:: amtl\n```", LIBRARY_INTRODUCTION]
    for name in sorted(amtl.__all__, key=str.lower):
        each = getattr(amtl, name)
        kind = "autoclass" if inspect.isclass(each) else "autofunction"
        parts += [f"## {name}", _documented(kind, f"{each.__module__}.{each.__qualname__}")]
    return "\n\n".join(parts) + "\n"


LIBRARY_INTRODUCTION = (
    "`import amtl` loads these names on first use, and the [estimators](estimators.md) of all methods."
)


def _documented(kind, name):
    return f"```{{eval-rst}}\n.. {kind}:: {name}\n```"


def _estimated():
    """Return the specs of the methods that have estimators, in the order of the tables."""
    return [spec for spec, _ in _specs("methods") if not spec.needs_truth]


def _classes(spec):
    """Return the names of the estimators of a method."""
    return [name for name in estimator_classes.class_names() if getattr(amtl, name).spec is spec]


def estimators():
    """Return the page on what all estimators share, with the list of them."""
    rows = []
    for spec in _estimated():
        title = f"{spec.title} (control)" if spec.control else spec.title
        names = ", ".join(f"`{name}`" for name in _classes(spec))
        rows.append([f"[{title}](estimators-{spec.name}.md)", names, ", ".join(spec.applies_to)])
    pages = [f"estimators-{spec.name}" for spec in _estimated()]
    parts = [ESTIMATORS_INTRODUCTION, _table(["Method", "Classes", "Applies to"], rows)]
    parts += ["\n".join(["```{toctree}", ":hidden:", "", *pages, "```"]), "## Methods of the classes"]
    for name in ("fit", "predict", "score", "decision_function", "predict_proba", "to_networkx"):
        kind = "AMTLRegressor" if name == "to_networkx" else "AMTLClassifier"
        parts.append(_documented("automethod", f"amtl.estimators.{kind}.{name}"))
    return "\n\n".join(parts) + "\n"


def estimators_of(spec):
    """Return the page on the estimators of one method."""
    parts = [f"# Estimators: {spec.title}"]
    for name in _classes(spec):
        parts += [f"## {name}", _documented("autoclass", f"amtl.estimators.{name}")]
    return "\n\n".join(parts) + "\n"


ESTIMATORS_INTRODUCTION = """\
# Estimators

Every method is a scikit-learn estimator. Classes that end in `Regressor` or `Classifier` fit it at given
strengths; those that end in `CV` choose the strengths by cross-validation, along the path of warm starts.

```python
import numpy as np
from amtl import AMTLRegressorCV

rng = np.random.default_rng(0)
Xs = [rng.normal(size=(40, 5)) for _ in range(3)]
ys = [X.sum(axis=1) + rng.normal(size=40) for X in Xs]
model = AMTLRegressorCV(n_points=12, cv=3).fit(Xs, ys)
print(model.strengths_, model.coef_.shape, model.graph_)
```

## Rows and tasks

| Rows | Fit | `predict` returns |
| --- | --- | --- |
| one table per task | `fit(Xs, ys)`: lists or dicts of X_t (n_t, d) and y_t (n_t,) | a list of (n_t,) |
| one table, the task of each row | `fit(X, y, task=task)`: X (n, d), y (n,), task (n,) | (n,) |
| shared rows, a target per task | `fit(X, Y)`: X (n, d), Y (n, T) | (n, T) |
| shared rows, a class per task | `fit(X, y)`: labels y (n,) of more than two classes | labels (n,) |

The first two forms give the same weights. The keys of a dict are the names of the tasks. `coef_` (T, d) and
`intercept_` (T,) are in the units of the given features, in the order of `tasks_`.

NumPy arrays, pandas and polars tables are accepted; names of columns are kept in `feature_names_in_` and
checked. Predictions are NumPy arrays: `set_output` is for the transformers before an estimator.

Missing values, texts, sparse arrays, unknown tasks and tasks with labels of one class are refused; the error
names the task, the column and the row. No loss has sample weights, so `fit` takes no `sample_weight`.

## Strengths

A strength that is None is the middle of the path that the data give, so `AMTLRegressor().fit(Xs, ys)` is a
start. `amtl.strength_path(model, X, y, task)` returns the whole path, for example for `GridSearchCV`.

## Pipelines and searches

With scikit-learn's metadata routing the estimators ask for `task`:

```python
import sklearn
from amtl import AMTLRegressor
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sklearn.set_config(enable_metadata_routing=True)
X, y, task = np.concatenate(Xs), np.concatenate(ys), np.repeat(["a", "b", "c"], 40)
pipeline = make_pipeline(StandardScaler(), AMTLRegressor())
folds = KFold(3, shuffle=True, random_state=0)
scores = cross_validate(pipeline, X, y, params={"task": task}, cv=folds, error_score="raise")
```

Folds of scikit-learn ignore tasks. They are shuffled here, so that every task is in every fold. The folds of
the classes that end in `CV` are drawn within every task.

Searches and cross-validation then use the score of the estimator: R^2, or the share of correct labels. A
scorer of scikit-learn that is given by name, such as `scoring="roc_auc"`, does not pass `task` to `predict`,
nor does `cross_val_predict`. With the tasks as a column of the table, all of them work, without routing:

```python
import pandas as pd
from amtl import TaskColumn
from sklearn.model_selection import cross_val_predict

sklearn.set_config(enable_metadata_routing=False)
table = pd.DataFrame(X).rename(columns=str).assign(school=task)
predicted = cross_val_predict(TaskColumn(AMTLRegressor(), "school"), table, y, cv=folds)
```

The classes that end in `CV` take the names of scorers as `scoring` for either form of input.

## All classes"""


def survey_systems():
    """Return the rows of the table of the survey's systems, as dicts."""
    return _records(SURVEY)


def survey():
    """Return the page that says of every system of the survey where it stands here."""
    systems, specs = survey_systems(), {spec.name: spec for spec, _ in _specs("methods")}
    titles = {name: f"[{spec.title}](methods.md#{_method_anchor(spec)})" for name, spec in specs.items()}
    networks = {spec.name: spec.title for spec, _ in _specs("networks")}
    titles |= {name: f"[{title}](../small-networks.md)" for name, title in networks.items()}
    categories = list(dict.fromkeys(row["category"] for row in systems))
    counts = [
        [category, *(sum(r["category"] == category and r["status"] == s for r in systems) for s in STATUSES)]
        for category in categories
    ]
    parts = [SURVEY_INTRODUCTION, _table(["Category", *STATUSES], counts)]
    for category in categories:
        rows = [row for row in systems if row["category"] == category]
        parts.append(f"## {category.capitalize()}")
        here = [
            [
                row["name"],
                ", ".join(filter(None, (f"{row['source']} {row['year']}".strip(), row["equation"]))),
                STATUSES[row["status"]] + titles[row["method"]],
                row["note"],
            ]
            for row in rows
            if row["status"] != OUTSIDE
        ]
        parts += [_table(["System", "Source, equation", "Here", "Note"], here)] if here else []
        reasons = {}
        for row in rows:
            if row["status"] == OUTSIDE:
                year = f" ({row['year']})" if row["year"] else ""
                reasons.setdefault(row["note"], []).append(row["name"] + year)
        parts += [f"**Out of scope.** {reason} {', '.join(names)}." for reason, names in reasons.items()]
    named = {row["method"] for row in systems}
    others = [titles[name] for name, spec in specs.items() if name not in named]
    errata = [[row["name"], row["equation"], row["erratum"]] for row in systems if row["erratum"]]
    parts += ["## Methods here that the survey does not have", ", ".join(others) + "."]
    parts += [SURVEY_IDENTITIES.format(pairs=_same_solutions(systems, specs, titles))]
    parts += [SURVEY_ERRATA, _table(["System", "Equation", "Erratum"], errata)]
    return "\n\n".join(parts) + "\n"


def _same_solutions(systems, specs, titles):
    """Return a list of what has the same solutions: methods by their specs, and rows of the table."""
    lines = []
    for name, spec in specs.items():
        for option, rule in spec.options.items() if spec.equivalent_to else ():
            values = rule.get("enum", [rule["default"]])
            same = {value: spec.equivalent_to({option: value}) for value in values}
            lines += [f"* {titles[name]}, `{option}: {v}` = {titles[each]}" for v, each in same.items()]
    lines += [f"* {row['name']} = {titles[row['method']]}" for row in systems if row["status"] == EQUAL]
    return "\n".join(lines)


def _method_anchor(spec):
    """Return the anchor of a method on the page of all methods."""
    heading = f"{spec.title} (control)" if spec.control else spec.title
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


SURVEY_INTRODUCTION = """\
# The survey's systems

Yu et al., *Unleashing the Power of Multi-Task Learning: A Comprehensive Survey*, names the systems below.
This page says of each where it stands here. It is made from `docs/survey-systems.csv`.

* **implemented**: the linked method has its objective, for squared and logistic losses.
* **equal**: the linked method has the same solutions.
* **not implemented**: it is linear and could be a method here; the note says why it is not. The linked
  method is the nearest one.
* **out of scope**: its model is neither linear nor one of the small networks here, or its task is not
  supervised learning of several tasks.

The survey's loss is mostly half the mean over the rows of a task. `fit_loss: mean`, with twice its
strengths, gives the same solutions; the default, the sum over rows, gives others where tasks have
different numbers of rows. The survey has no tables of results, so there is nothing to reproduce number by
number. It does not name AMTL."""

SURVEY_IDENTITIES = """\
## Same solutions under two names

Over all strengths these have the same solutions. A ranking counts each of them once.

{pairs}

Further identities and bounds, which leave two methods:

* MTRL with `lam1` = 0 is MTFL; in full it is MTFL plus a ridge.
* The mean-regularized method is the graph-regularized one on the complete graph, the tree-regularized one
  on a star, and CMTL with one hard cluster. The relaxed CMTL with one cluster is not: its penalty is
  smaller.
* The relaxed CMTL penalizes no more than hard clusters, and no more than ASO, of the same k.
* The tensor trace norms with one mode of tasks are the trace norm.
* The multi-level lasso has one strength, alpha = 2 sqrt(l1 l2).
* A part of a sum of two is zero outside these ratios of the second strength to the first: dirty model 1
  to T; robust 1/sqrt(T) to 1; rMTFL 1/sqrt(T) to sqrt(d); sparse and low rank 1 to sqrt(d T). The grids
  stay inside."""

SURVEY_ERRATA = """\
## Errata

Formulas of the survey that are not followed as printed. Besides these, its (4.5) has the sign of a gain
reversed against (4.4)."""


def verdicts():
    """Return the one line and the table of the published verdicts on the paper's claims."""
    head = ["Claim", "Verdict", "The paper says", "In the paper", "Reason"]
    return _verdicts(CLAIMS, head)


def statement_verdicts(path=STATEMENTS):
    """Return the one line and the table of the published verdicts on the survey's statements."""
    if not path.is_file():
        return "No run of the statements is published yet.\n"
    head = ["Statement", "Verdict", "The survey says", "In the survey", "Reason"]
    return _verdicts(path, head)


def _verdicts(path, head):
    # Of a run with two sets of splits the last rows count, those on all splits.
    rows = {row["claim"]: row for row in _records(path)}
    cells = [[key, f"**{r['verdict']}**", r["text"], r["where"], r["reason"]] for key, r in rows.items()]
    return f"**{summary.verdicts(path)}.**\n\n{_table(head, cells)}\n"


def which_method(folders=SURVEYS):
    """Return the published table and map of the methods by dataset, with a summary of both.

    folders : the published results of the survey; the first that exists is shown.
    """
    folder = next((each for each in folders if (each / "best-methods.csv").is_file()), None)
    if folder is None:
        return "No run of the survey is published yet.\n"
    path = folder / "best-methods.csv"
    records = _records(path)
    kinds = [kind for kind in ("generated", "real") if any(record["kind"] == kind for record in records)]
    rows = {}
    for record in records:
        if record["counts"] == "1":
            counts = rows.setdefault(record["title"], {kind: [0, 0, 0] for kind in kinds})[record["kind"]]
            for place, number in enumerate((record["best"], record["not_worse"], 1)):
                counts[place] += int(number)
    order = sorted(rows, key=lambda title: [-sum(each[k] for each in rows[title].values()) for k in (1, 0)])
    head = ["Method", *(f"{kind.capitalize()} data: {what}" for kind in kinds for what in WHICH_COUNTS)]
    cells = [[title, *(n for each in rows[title].values() for n in each)] for title in order[:WHICH_METHODS]]
    files = os.path.relpath(folder, PROJECT / "docs")
    picture = f"![Test error of each method on each dataset against STL]({files}/decision.svg)"
    # The page is narrower than the map, which scrolls.
    picture = f":::{{container}} wide\n{picture}\n:::"
    shown = [picture] if (folder / "decision.svg").is_file() else []
    table = (folder / "best-methods.md").read_text(encoding="utf-8")
    table = re.sub(r"\A\*\*(.*)\*\*$", "## Dataset by dataset", table, count=1, flags=re.MULTILINE)
    text = f"The {len(cells)} methods that are most often not clearly worse than the best, in datasets:"
    return "\n\n".join([text, _table(head, cells), *shown, table]) + "\n"


# What the summary counts for each method and kind of data, and for how many methods.
WHICH_COUNTS = ("best", "not clearly worse", "datasets")
WHICH_METHODS = 10


def verdicts_by_splits():
    """Return the verdicts on five and on all splits of `make replication`, and what would decide the rest."""
    found = {}
    for row in _records(REPLICATION / "claims.csv"):
        found.setdefault(row["claim"], {})[row["splits"]] = row
    undecided = {}
    for row in _records(REPLICATION / "evidence.csv"):
        if row["splits"] == "all" and row["counts"] == "1" and row["outcome"] == "inconclusive":
            needed = "no number" if row["splits_to_decide"] == "inf" else f"{int(row['splits_to_decide']):,}"
            undecided.setdefault(row["claim"], []).append(f"{row['part']}: {needed}")
    cells = [
        [
            key,
            rows["all"]["text"],
            rows["the first 5"]["verdict"],
            f"**{rows['all']['verdict']}**",
            rows["all"]["n"] or "–",
            "; ".join(undecided.get(key, [])) or "–",
        ]
        for key, rows in found.items()
    ]
    head = ["Claim", "The paper says", "5 splits", "All splits", "n", "Splits that would decide a part"]
    return f"{_table(head, cells)}\n"


def _records(path):
    return read_csv(path).to_dict("records")


def results():
    """Return the list of the pages in docs/results. A pattern in its place fails where there is none yet."""
    names = sorted(page.stem for page in (PROJECT / "docs" / "results").glob("*.md") if page.stem != "index")
    if not names:
        return "No page is published yet.\n"
    listed = "\n".join(["```{toctree}", ":maxdepth: 1", "", *names, "```"])
    # HTML, as a link of the page's own kind would offer the report as a download.
    links = [f'<a href="../reports/{name}.html">{name}</a>' for name in _reports()]
    reports = "The whole reports, with claims, tables to sort and an explorer of the learned graphs: "
    return f"{listed}\n\n{reports}{', '.join(links)}.\n" if links else f"{listed}\n"

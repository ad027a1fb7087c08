"""Which method wins on each dataset, by how much, and whether the difference is real."""

from amtl.statistics import BETTER, LEVEL, compare_with, footnotes, interval, paired
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table
from workbench.report.tables import _own as own
from workbench.report.tables._rows import BASELINE, METRICS, REFERENCES, shown
from workbench.scores import Scores, read_csv


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    references = [run.method(name) for name in REFERENCES if run.method(name)]
    blocks, records = [], []
    for dataset in own.compared_datasets(run):
        found = _records(run, scores, dataset, shared[dataset.name], references)
        records += found
        title = f"{dataset.title}, {METRICS[scores.primary_metric(dataset.name)]}: {headline(found)}"
        digits = own.digits_for(min((each["mean"] for each in found), default=0.0))
        blocks.append((title, [_row(each, references, digits) for each in found]))
    titles = [method.title for method in references]
    return Table(
        title="Comparison of the methods",
        columns=["Method", "Test error", *["Difference", "%", "p", "Result"] * len(titles), "Better, worse"],
        groups=[("", 2), *((f"Against {title}", 4) for title in titles), ("Tasks", 1)],
        align="lr" + "rrrl" * len(titles) + "r",
        blocks=blocks,
        notes=[
            f"Test error: mean over the splits. Difference: the error minus that of {' or '.join(titles)} on "
            "the same splits, with its 95 % interval; below 0 the method is better. %: the same in % of the "
            "other's error.",
            "p: two-sided paired t test. Where the splits of a dataset share rows, the standard error is "
            "that of the corrected resampled t test (Nadeau and Bengio, 2003). Result: at 5 %, by Holm's "
            "method over all methods of the dataset.",
            f"Tasks: how many have an interval of the difference from {run.title(BASELINE)} that lies below "
            "or above 0. With many tasks, 5 % of them do by chance.",
            f"{BEST} (bold): lowest mean among the methods; controls do not compete.",
            *own.counts(run, _compared(run, records)),
            *footnotes(run.interval, [record["n"] for record in records]),
        ],
        records=records,
    )


def read(path):
    """Return the records of the csv file as `headline` takes them."""
    found = read_csv(path).to_dict("records")
    for record in found:
        record |= {key: int(record[key]) for key in ("control", "best", "n")}
        keys = [f"{name}_{key}" for name in REFERENCES for key in own.NUMBERS]
        record |= {key: float(record[key]) if record[key] else None for key in keys if key in record}
    return found


def headline(records):
    """Return the result on one dataset in a sentence. records : of the table, best method first."""
    best = next((each for each in records if each["best"]), None)
    if best is None or not any(each["method"] == BASELINE for each in records):
        return "not compared with STL"
    rivals = [each for each in records if not each["control"] and each["method"] != BASELINE]
    if best["method"] == BASELINE:
        return f"{best['title']} has the lowest error; no method is better"
    text = f"{best['title']} has the lowest error"
    difference, low, high, percent, p = (best[f"{BASELINE}_{key}"] for key in own.NUMBERS)
    if percent is not None:
        text += f", {abs(percent):.1f} % below STL"
    if low is None:
        return f"{text}; one split cannot tell whether the difference is real"
    least, most = (f"{-each:.3g}".replace("-", "−") for each in (high, low))
    text += f" (by {-difference:.3g}, 95 % interval {least} to {most}, n = {best['n']})"
    verdict = f"{BASELINE}_verdict"
    if best[verdict] == BETTER:
        return f"{text}; the difference is real (p = {p:.2g})"
    others = ", ".join(each["title"] for each in rivals if each[verdict] == BETTER)
    text += f"; this may be chance (p = {p:.2g}"
    # Small enough for one comparison, but not for one of several.
    text += f", one of {len(rivals)} comparisons)" if p < LEVEL and len(rivals) > 1 else ")"
    return text + (f". Clearly better than STL: {others}" if others else "")


def _compared(run, records):
    """Return {dataset: the built-in methods that were compared on it, without controls}."""
    found = {}
    for each in records:
        if not each["control"]:
            found.setdefault(each["dataset"], set()).add(run.method(each["method"]).method)
    return found


def _records(run, scores, dataset, shared, references):
    """Return one record per method, the lowest error first, controls last."""
    metric, task_metric = scores.primary_metric(dataset.name), scores.task_metric(dataset.name)
    errors = {m.name: scores.values(dataset.name, m.name, metric) for m in shown(run)}
    errors = {name: values for name, values in errors.items() if values}
    compared = {each.name: _compare(run, errors, each.name, shared) for each in references}
    alone = scores.by_task(dataset.name, BASELINE, task_metric)
    best, found = own.winner(run, errors), []
    for name, values in errors.items():
        mean, method = interval(values.values(), run.interval), run.method(name)
        record = {"dataset": dataset.name, "metric": metric, "method": name, "title": method.title}
        record |= {"control": int(method.control), "best": int(name == best)}
        record |= {"n": mean.n, "mean": mean.mean, "half_width": mean.half}
        for reference, comparisons in compared.items():
            record |= own.comparison_facts(reference, comparisons.get(name))
        tasks = scores.by_task(dataset.name, name, task_metric) if name != BASELINE else {}
        found.append(record | _count_tasks(tasks, alone, shared))
    return sorted(found, key=lambda record: (record["control"], record["mean"]))


def _compare(run, errors, reference, shared):
    """Return {method: Comparison} with a reference; Holm's method for methods does not count controls."""
    rivals = {name: values for name, values in errors.items() if name != reference}
    competing = {name: values for name, values in rivals.items() if not run.method(name).control}
    others = errors.get(reference, {})
    return compare_with(rivals, others, shared) | compare_with(competing, others, shared)


def _count_tasks(errors, alone, shared):
    """Return how many tasks are clearly better and worse than with the baseline."""
    found = [paired(errors[task], alone[task], "t", shared) for task in errors if task in alone]
    clear = [each for each in found if each is not None and each.half is not None]
    return {
        "tasks": len(found),
        "tasks_better": sum(each.high < 0 for each in clear),
        "tasks_worse": sum(each.low > 0 for each in clear),
    }


def _row(record, references, digits):
    mean = f"{record['mean']:,.{digits}f}"
    if record["half_width"] is not None:
        mean += f" ± {record['half_width']:,.{digits}f}"
    cells = [Bold(f"{mean} {BEST}") if record["best"] else mean]
    for reference in references:
        cells += own.comparison_cells(record, reference.name, digits)
    tasks = f"{record['tasks_better']}, {record['tasks_worse']}" if record["tasks"] else NOTHING
    return [record["title"], *cells, tasks]


SPEC = OutputSpec(
    "Comparison",
    "Tables",
    5,
    build,
    reads=("scores",),
    applies=own.applies,
    splits=splits_read,
)

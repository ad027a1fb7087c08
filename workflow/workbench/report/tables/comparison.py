"""Which method wins on data outside the paper, by how much, and whether the difference is real."""

from amtl.statistics import BETTER, compare_with, footnotes, interval, paired
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table
from workbench.report.tables import _own as own
from workbench.report.tables._rows import BASELINE, METRICS, shown
from workbench.scores import Scores, read_csv

NUMBERS = ("difference", "low", "high", "percent", "p")


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    blocks, records = [], []
    for dataset in own.own_datasets(run):
        found = _records(run, scores, dataset, shared[dataset.name])
        records += found
        title = f"{dataset.title}, {METRICS[scores.primary_metric(dataset.name)]}: {headline(found)}"
        digits = own.digits_for(min((each["mean"] for each in found), default=0.0))
        blocks.append((title, [_row(each, digits) for each in found]))
    return Table(
        title="Comparison of the methods",
        columns=[
            "Method",
            "Test error",
            "Minus STL",
            "Change, %",
            "p",
            "Against STL",
            "Tasks better, worse",
        ],
        align="lrrrrlr",
        blocks=blocks,
        notes=[
            "Test error: mean over the splits. Minus STL: the error minus that of single-task learning on "
            "the same splits, with its 95 % interval; below 0 the method is better. Change: the same in % of "
            "STL's error.",
            "p: two-sided paired t test. Splits of one table share rows, so the standard error is that of "
            "the corrected resampled t test (Nadeau and Bengio, 2003). Against STL: the result at 5 %, by "
            "Holm's method over all methods of the dataset.",
            "Tasks better, worse: tasks whose own interval of the difference lies below or above 0. With "
            "many tasks, 5 % of them do by chance.",
            f"{BEST} (bold): lowest mean among the methods; controls do not compete.",
            *footnotes(run.interval, [record["n"] for record in records]),
        ],
        records=records,
    )


def read(path):
    """Return the records of the csv file as `headline` takes them."""
    found = read_csv(path).to_dict("records")
    for record in found:
        record |= {key: int(record[key]) for key in ("control", "best", "n")}
        record |= {key: float(record[key]) if record[key] else None for key in NUMBERS}
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
    if best["percent"] is not None:
        text += f", {abs(best['percent']):.1f} % below STL"
    if best["low"] is None:
        return f"{text}; one split cannot tell whether the difference is real"
    low, high = (f"{-best[key]:.3g}".replace("-", "−") for key in ("high", "low"))
    text += f" (by {-best['difference']:.3g}, 95 % interval {low} to {high}, n = {best['n']})"
    if best["verdict"] == BETTER:
        return f"{text}; the difference is real (p = {best['p']:.2g})"
    others = ", ".join(each["title"] for each in rivals if each["verdict"] == BETTER)
    text += f"; this may be chance (p = {best['p']:.2g})"
    return text + (f". Clearly better than STL: {others}" if others else "")


def _records(run, scores, dataset, shared):
    """Return one record per method, the lowest error first, controls last."""
    metric, task_metric = scores.primary_metric(dataset.name), scores.task_metric(dataset.name)
    errors = {m.name: scores.values(dataset.name, m.name, metric) for m in shown(run)}
    errors = {name: values for name, values in errors.items() if values}
    baseline = errors.get(BASELINE, {})
    rivals = {name: values for name, values in errors.items() if name != BASELINE}
    competing = {name: values for name, values in rivals.items() if not run.method(name).control}
    compared = compare_with(rivals, baseline, shared) | compare_with(competing, baseline, shared)
    alone = scores.by_task(dataset.name, BASELINE, task_metric)
    best, found = own.winner(run, errors), []
    for name, values in errors.items():
        mean, method = interval(values.values(), run.interval), run.method(name)
        record = {"dataset": dataset.name, "metric": metric, "method": name, "title": method.title}
        record |= {"control": int(method.control), "best": int(name == best)}
        record |= {"n": mean.n, "mean": mean.mean, "half_width": mean.half}
        each = compared.get(name)
        record |= {
            "difference": each and each.difference.mean,
            "low": each and each.difference.low,
            "high": each and each.difference.high,
            "percent": each and each.percent,
            "p": each and each.p,
            "verdict": each.verdict if each else "",
        }
        tasks = scores.by_task(dataset.name, name, task_metric) if each else {}
        found.append(record | _count_tasks(tasks, alone, shared))
    return sorted(found, key=lambda record: (record["control"], record["mean"]))


def _count_tasks(errors, alone, shared):
    """Return how many tasks are clearly better and worse than with the baseline."""
    found = [paired(errors[task], alone[task], "t", shared) for task in errors if task in alone]
    clear = [each for each in found if each is not None and each.half is not None]
    return {
        "tasks": len(found),
        "tasks_better": sum(each.high < 0 for each in clear),
        "tasks_worse": sum(each.low > 0 for each in clear),
    }


def _row(record, digits):
    mean = f"{record['mean']:,.{digits}f}"
    if record["half_width"] is not None:
        mean += f" ± {record['half_width']:,.{digits}f}"
    cells = [Bold(f"{mean} {BEST}") if record["best"] else mean]
    if record["difference"] is None:
        return [record["title"], *cells, *[NOTHING] * 5]
    difference = own.signed(record["difference"], digits)
    if record["low"] is not None:
        difference += f" ({own.signed(record['low'], digits)} to {own.signed(record['high'], digits)})"
    cells.append(difference)
    cells.append(NOTHING if record["percent"] is None else own.signed(record["percent"], 1))
    cells += [NOTHING if record["low"] is None else f"{record['p']:.2g}", record["verdict"]]
    return [record["title"], *cells, f"{record['tasks_better']}, {record['tasks_worse']}"]


SPEC = OutputSpec(
    "Comparison",
    "Tables",
    5,
    build,
    reads=("scores",),
    applies=own.applies,
    splits=splits_read,
)

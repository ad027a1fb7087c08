"""Verdicts as the page shows them, read from two tables: on papers' claims or a survey's statements."""

from workbench.papers.verdicts import NOT_JUDGED, OUTCOMES
from workbench.report.render import NOTHING
from workbench.scores import read_csv

# {table of verdicts: (table of their evidence, what they are about)}.
TABLES = {
    "claims": ("evidence", "Paper"),
    "statements": ("statement-evidence", "Survey"),
    "claims-2mtl": ("evidence-2mtl", "Paper"),
    "statements-networks": ("statement-evidence-networks", "Survey"),
}
MARKS = dict(zip((*OUTCOMES, NOT_JUDGED), "✓✗~–·", strict=True))


def tables(names):
    """Return (table of verdicts, table of evidence, what they are about) of a run that has such tables."""
    return next(((name, *TABLES[name]) for name in names if name in TABLES), (None, None, None))


def read(claims, evidence):
    """Return the claims as dicts: ``id``, ``where``, ``text``, ``effect``, ``rule`` and ``sets``.

    claims, evidence : paths of the csv files. sets : the verdict on each set of splits, the main one last, as
    dicts with the fields of the csv, ``shown`` (the effect in words), ``mark`` and ``parts`` (the evidence).
    """
    parts = {}
    for row in read_csv(evidence).to_dict("records"):
        part = {**row, "shown": _effect(row), "mark": MARKS[row["outcome"]], "needed": _needed(row)}
        parts.setdefault((row["claim"], row["splits"]), []).append(part)
    found = {}
    for row in read_csv(claims).to_dict("records"):
        facts = {key: row[key] for key in ("where", "text", "effect", "rule")}
        claim = found.setdefault(row["claim"], {"id": row["claim"], **facts, "sets": []})
        verdict = {**row, "shown": _effect(row), "mark": MARKS[row["verdict"]]}
        claim["sets"].append({**verdict, "parts": parts.get((row["claim"], row["splits"]), [])})
    return list(found.values())


def count(claims):
    """Return the number of claims by verdict, as (verdict, mark, number)."""
    verdicts = [claim["sets"][-1]["verdict"] for claim in claims]
    counts = [(verdict, mark, verdicts.count(verdict)) for verdict, mark in MARKS.items()]
    return [each for each in counts if each[0] != NOT_JUDGED or each[2]]


def _effect(row):
    """Return the effect with its interval and number of values, such as ``4.5 % (2.8 to 6.1), n = 5``."""
    if not row["effect_mean"]:
        return NOTHING
    mean, low, high = (_number(row[key]) for key in ("effect_mean", "low", "high"))
    interval = f" ({low} to {high})" if low else ""
    return f"{mean} {row['unit']}{interval}, n = {row['n']}"


def _needed(row):
    """Return how many splits would decide an inconclusive part, in words."""
    count = row["splits_to_decide"]
    if not count:
        return ""
    number = "no number of" if count == "inf" else f"{float(count):,.0f}"
    return f"{number} splits would decide it"


def _number(text):
    return f"{float(text):.3g}".replace("-", "−") if text else ""

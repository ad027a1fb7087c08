"""The verdicts on the paper's claims, as the page shows them: read from the tables of claims and evidence."""

from workbench.papers.verdicts import OUTCOMES
from workbench.report.render import NOTHING
from workbench.scores import read_csv

# The tables that hold them.
CLAIMS, EVIDENCE = "claims", "evidence"
MARKS = dict(zip(OUTCOMES, "✓✗~–", strict=True))


def read(claims, evidence):
    """Return the claims as dicts: ``id``, ``where``, ``text``, ``effect``, ``rule`` and ``sets``.

    claims, evidence : paths of the csv files. sets : the verdict on each set of splits, the main one last, as
    dicts with the fields of the csv, ``shown`` (the effect in words), ``mark`` and ``parts`` (the evidence).
    """
    parts = {}
    for row in read_csv(evidence).to_dict("records"):
        part = {**row, "shown": _effect(row), "mark": MARKS[row["outcome"]]}
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
    return [(verdict, MARKS[verdict], verdicts.count(verdict)) for verdict in OUTCOMES]


def _effect(row):
    """Return the effect with its interval and number of values, such as ``4.5 % (2.8 to 6.1), n = 5``."""
    if not row["effect_mean"]:
        return NOTHING
    mean, low, high = (_number(row[key]) for key in ("effect_mean", "low", "high"))
    interval = f" ({low} to {high})" if low else ""
    return f"{mean} {row['unit']}{interval}, n = {row['n']}"


def _number(text):
    return f"{float(text):.3g}".replace("-", "−") if text else ""

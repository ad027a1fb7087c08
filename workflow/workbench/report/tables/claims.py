"""The paper's claims, each with its effect, its verdict and the rule behind it."""

from amtl.statistics import DESCRIPTIONS
from workbench.papers import verdicts
from workbench.papers.lee2016.claims import CLAIMS, fits_read
from workbench.papers.results import Results
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Bold, Table, with_half_width

# The paper has five splits of each dataset.
PAPER_SPLITS = 5
READS = ("scores", "timings")


def examine(run, inputs):
    """Return ({claim id: Finding} on the first `PAPER_SPLITS` splits, the same on all splits or None).

    The second is None if the run has no more splits than that.
    """
    results = Results(run, inputs)
    first = results.on_first(PAPER_SPLITS)
    more = results.largest_split() > PAPER_SPLITS
    return tuple(
        {claim.id: verdicts.conclude(claim.examine(each)) for claim in CLAIMS} if each else None
        for each in (first, results if more else None)
    )


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    first, everything = examine(run, inputs)
    sets = [(f"the first {PAPER_SPLITS}", first)] + ([("all", everything)] if everything else [])
    rows = []
    for claim in CLAIMS:
        findings = [found[claim.id] for _, found in sets]
        cells = [cell for finding in findings for cell in _cells(finding)]
        rows.append([claim.id, claim.where, claim.text, *cells, findings[-1].reason])
    groups = [("", 3)]
    groups += [("First 5 splits" if name != "all" else "All splits", 3) for name, _ in sets] + [("", 1)]
    return Table(
        title="The paper's claims",
        columns=["Claim", "Where", "The paper says"]
        + ["Effect", "n", "Verdict"] * len(sets)
        + ["Reason" if len(sets) == 1 else "Reason (all splits)"],
        align="llw" + "rrl" * len(sets) + "w",
        blocks=[(None, rows)],
        groups=groups if everything else [],
        notes=[
            "†: parts of the claim were not tested; the verdict rests on the others.",
            *verdicts.RULES,
            f"n: the number of splits behind the effect. ±: {DESCRIPTIONS[run.interval]}.",
            *(f"{claim.id}. Effect: {claim.effect}. {claim.rule}" for claim in CLAIMS),
        ],
        records=[_record(claim, name, found[claim.id]) for claim in CLAIMS for name, found in sets],
    )


def effect_text(part):
    """Return the effect of a part with its unit, or a dash."""
    if part is None or part.effect is None:
        return NOTHING
    return f"{with_half_width(part.effect, sign=True)} {part.unit}"


def effect_fields(part):
    """Return the fields of a part's effect for a csv record."""
    effect = None if part is None else part.effect
    names = {"effect_mean": "mean", "low": "low", "high": "high"}
    values = {name: getattr(effect, field, None) for name, field in names.items()}
    values["n"] = None if part is None else part.count
    return {"unit": "" if effect is None else part.unit, **values}


def count_text(part):
    """Return the number of values behind a part's effect, or a dash."""
    return NOTHING if part is None or part.count is None else str(part.count)


def _cells(finding):
    part = finding.weakest
    return [effect_text(part), count_text(part), Bold(finding.verdict + (" †" if finding.partial else ""))]


def _record(claim, splits, finding):
    return {
        "claim": claim.id,
        "where": claim.where,
        "text": claim.text,
        "splits": splits,
        "verdict": finding.verdict,
        "partial": int(finding.partial),
        "part": "" if finding.weakest is None else finding.weakest.name,
        **effect_fields(finding.weakest),
        "reason": finding.reason,
        "effect": claim.effect,
        "rule": claim.rule,
    }


SPEC = OutputSpec(label="Claims", section="Claims", order=10, make=build, reads=READS, fits=fits_read)

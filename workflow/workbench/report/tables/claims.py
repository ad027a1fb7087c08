"""The paper's claims, each with its effect, its verdict and the rule behind it."""

from workbench.papers import verdicts
from workbench.papers.lee2016.claims import CLAIMS, OBJECTIVE_RULE, fits_read
from workbench.papers.lee2016.numbers import is_about_paper
from workbench.papers.results import Results, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Bold, Table, interval_record, with_half_width

# The unit of a ratio.
TIMES = "times"
# The paper has five splits of each dataset.
PAPER_SPLITS = 5
READS = ("scores", "timings")


def examine(run, inputs):
    """Return {name of a set of splits: {claim id: Finding}}: the first `PAPER_SPLITS` and, if there are more,
    all of them.
    """
    results = Results(run, inputs)
    sets = {f"the first {PAPER_SPLITS}": results.on_first(PAPER_SPLITS)}
    if results.largest_split > PAPER_SPLITS:
        sets["all"] = results
    return {
        name: {key: verdicts.judge_claim(claim, each) for key, claim in CLAIMS.items()}
        for name, each in sets.items()
    }


def groups(sets, before, width):
    """Return the groups of columns: `before` of them, `width` of each set of splits, and the last."""
    return [("", before), ("First 5 splits", width), ("All splits", width), ("", 1)] if len(sets) > 1 else []


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    heads = ["Claim", "Where", "The paper says"]
    return claims_table("The paper's claims", heads, CLAIMS, examine(run, inputs), [OBJECTIVE_RULE])


def claims_table(title, heads, claims, sets, rules):
    """Return the table of the verdicts on `claims` {id: Claim}.

    heads : of the first three columns. sets : {name of a set of splits: {id: Finding}}. rules : sentences
    about all claims, added to the common ones.
    """
    rows, records = [], []
    for key, claim in claims.items():
        findings = {name: found[key] for name, found in sets.items()}
        cells = [cell for finding in findings.values() for cell in _cells(finding)]
        rows.append([key, claim.where, claim.text, *cells, list(findings.values())[-1].reason])
        records += [_record(key, claim, name, finding) for name, finding in findings.items()]
    return Table(
        title=title,
        columns=heads
        + ["Effect", "n", "Verdict"] * len(sets)
        + ["Reason" if len(sets) == 1 else "Reason (all splits)"],
        align="llw" + "rrl" * len(sets) + "w",
        blocks=[(None, rows)],
        groups=groups(sets, 3, 3),
        notes=[
            "†: parts of the claim were not tested, so it can be contradicted or inconclusive only.",
            *verdicts.RULES,
            *rules,
            "n: the number of splits behind the effect. ±: half width of the 95 % confidence interval.",
            *(f"{key}. Effect: {claim.effect}. {claim.rule}" for key, claim in claims.items()),
        ],
        records=records,
    )


def effect_cells(part):
    """Return the effect of a part with its unit and the number of values behind it, or dashes."""
    shown = part is not None and part.effect is not None
    if not shown:
        return [NOTHING, NOTHING]
    signed = part.unit != TIMES
    return [f"{with_half_width(part.effect, sign=signed)} {part.unit}", str(part.effect.n)]


def effect_fields(part):
    """Return the fields of a part's effect for a csv record."""
    effect = None if part is None else part.effect
    values = interval_record(effect)
    return {
        "unit": "" if effect is None else part.unit,
        **{"effect_mean": values["mean"], "low": values["low"], "high": values["high"]},
        "n": values["n"],
    }


def _cells(finding):
    return [*effect_cells(finding.weakest), Bold(finding.verdict + (" †" if finding.partial else ""))]


def _record(key, claim, splits, finding):
    return {
        "claim": key,
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
        "reads": " ".join("/".join(place) for place in finding.reads),
    }


SPEC = OutputSpec(
    "Claims",
    "Claims",
    10,
    build,
    reads=READS,
    applies=is_about_paper,
    fits=fits_read,
    splits=splits_read,
)

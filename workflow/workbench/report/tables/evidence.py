"""Every part of every claim: the evidence for the verdicts."""

from workbench.papers import verdicts
from workbench.papers.lee2016.claims import CLAIMS, OBJECTIVE_RULE, fits_read
from workbench.papers.lee2016.numbers import is_about_paper
from workbench.papers.results import splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.report.tables.claims import READS, effect_cells, effect_fields, examine, groups


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    rules = [
        "A detail, such as the authors' released file or the default ridge, does not count for the verdict.",
        OBJECTIVE_RULE,
    ]
    return evidence_table("Evidence for the claims, part by part", CLAIMS, examine(run, inputs), rules)


def evidence_table(title, claims, sets, rules):
    """Return the table of all parts of `claims`; arguments as for `claims_table`."""
    blocks, records = [], []
    for key, claim in claims.items():
        by_set = {name: found[key].parts for name, found in sets.items()}
        rows = []
        for columns in zip(*by_set.values(), strict=True):
            cells = [cell for part in columns for cell in _cells(part, claim)]
            # The name may hold the closest other method, which can differ between the two.
            names = dict.fromkeys(part.name for part in columns)
            rows.append([" / ".join(names), *cells, _note(columns[-1])])
        blocks.append((f"{key}. {claim.text}", rows))
        records += [_record(key, name, part) for name, parts in by_set.items() for part in parts]
    return Table(
        title=title,
        columns=["Part", *["Effect", "n", "Outcome", "Splits to decide"] * len(sets), "Note"],
        align="l" + "rrlr" * len(sets) + "w",
        blocks=blocks,
        groups=groups(sets, 1, 4),
        notes=[
            "Larger effects speak for the claim. The notes of the table of verdicts define each effect and "
            "the rule of each part.",
            *rules,
            verdicts.SPLITS_NOTE,
        ],
        records=records,
    )


def _cells(part, claim):
    outcome = part.outcome if part.counts else f"detail: {part.outcome}"
    outcome = outcome if claim.judged else verdicts.NOT_JUDGED
    return [*effect_cells(part), outcome, verdicts.splits_text(part)]


def _note(part):
    return "; ".join(filter(None, (part.note, *part.caveats)))


def _record(claim, splits, part):
    names = {"claim": claim, "splits": splits, "part": part.name, "outcome": part.outcome}
    tested = part.statement
    values = {
        "p": None if tested is None else tested.support.p,
        "p_against": None if tested is None else tested.against.p,
        "splits_to_decide": part.splits_needed,
    }
    return {**names, "counts": int(part.counts), **effect_fields(part), **values, "note": _note(part)}


SPEC = OutputSpec(
    "Evidence",
    "Claims",
    20,
    build,
    reads=READS,
    applies=is_about_paper,
    fits=fits_read,
    splits=splits_read,
)

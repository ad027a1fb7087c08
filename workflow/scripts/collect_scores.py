"""Collect the json of every fit into the tidy tables that everything shown is made from."""

import argparse
import json

from workbench import scores
from workbench.errors import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", required=True, help="folder that holds {dataset}/{method}/split{k}.json")
    parser.add_argument(
        "--job",
        required=True,
        type=json.loads,
        help='{"fits": {DATASET: {METHOD: NUMBER OF SPLITS}}}',
    )
    for name in ("scores", "timings", "warnings", "methods", "versions"):
        parser.add_argument(f"--{name}", required=True, help=f"the csv file of {name} to write")
    args = parser.parse_args()

    fits = list(scores.collect(args.fits, args.job["fits"]))
    score_rows = [row for fit in fits for row in scores.score_rows(fit)]
    warning_rows = [row for fit in fits for row in scores.warning_rows(fit)]
    scores.write_table(args.scores, scores.SCORE_COLUMNS, score_rows)
    scores.write_table(args.timings, scores.TIMING_COLUMNS, map(scores.timing_row, fits))
    scores.write_table(args.warnings, scores.WARNING_COLUMNS, warning_rows)
    scores.write_table(args.methods, scores.METHOD_COLUMNS, sorted(set(map(scores.method_row, fits))))
    scores.write_table(args.versions, scores.VERSION_COLUMNS, scores.version_rows(fits))
    print(f"{len(fits)} fits, {len(score_rows)} scores, {len(warning_rows)} warnings")


if __name__ == "__main__":
    run(main)

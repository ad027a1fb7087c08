"""Draw one figure in every format that is asked for; the figure's own module is all that is imported."""

import argparse
import json

from workbench.named import Inputs, load

from workbench.errors import run
from workbench.report import figures as plots
from workbench.report.figures import _style as style


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", required=True, help="name of a file in amtl/plots, such as figure1a")
    parser.add_argument(
        "--job", default="{}", type=json.loads, help="JSON; the figure's docstring has the keys"
    )
    parser.add_argument("--scores", help="scores.csv to read")
    parser.add_argument("--fits", nargs="+", help="npz files of fits: .../{dataset}/{method}/split{k}.npz")
    parser.add_argument("--splits", nargs="+", help="npz files of splits to read")
    parser.add_argument("--outputs", nargs="+", required=True, help=".svg, .pdf or .png files to write")
    args = parser.parse_args()

    # Matplotlib takes what is between two dollar signs for a formula.
    titles = args.job.get("titles", {})
    args.job["titles"] = {name: title.replace("$", r"\$") for name, title in titles.items()}
    draw = load(plots, args.figure, "draw")
    figure = draw(args.job, Inputs({role: paths for role, paths in vars(args).items() if paths}))
    style.save(figure, args.outputs)
    print(f"{args.figure}: {', '.join(args.outputs)}")


if __name__ == "__main__":
    run(main)

"""Write down the configuration of the run, with every default filled in."""

import argparse
import json

from workbench.jobs import SettingsJob
from workbench.result_files import write_text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=SettingsJob.from_json, required=True, help="the SettingsJob as JSON")
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    arguments.job.require_code()
    write_text(arguments.output, json.dumps(arguments.job.content, indent=2, sort_keys=True) + "\n")

"""Get one raw file of the registry: from the data folder or by download, checked."""

import argparse
import json
import os

from workbench.jobs import AcquireJob
from workbench.raw_files.acquire import acquire


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, help="JSON of the AcquireJob")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    job = AcquireJob.from_json(args.job)
    # Where to look is not part of the job: another data folder is no reason to fetch a file again.
    data = json.loads(os.environ["WORKBENCH_DATA"])
    acquire(
        job.file,
        {**data["registry"][job.file], **job.identity},
        data["folder"],
        args.output,
        data["attempts"],
        data["timeout"],
        checksum=job.checksum,
    )

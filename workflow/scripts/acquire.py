"""Get one raw file of the registry: from the data folder or by download, checked."""

import argparse
import json
from pathlib import Path

from workbench.jobs import AcquireJob
from workbench.raw_files import registry
from workbench.raw_files.acquire import acquire


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, help="JSON of the AcquireJob")
    parser.add_argument("--plan", required=True, help="path of the plan, which says where to look")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    job = AcquireJob.from_json(args.job)
    data = json.loads(Path(args.plan).read_text(encoding="utf-8"))["data"]
    entry = registry.find_entry(registry.load(data["registry"]), job.file)
    acquire(
        job.file,
        # The content that was planned counts, even if the registry was edited since.
        {**entry, **job.identity},
        data["folder"],
        args.output,
        data["attempts"],
        data["timeout"],
        checksum=job.checksum,
        before_placing=job.require_code,
    )

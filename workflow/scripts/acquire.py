"""Get one raw file of the registry: from the data folder or by download, checked."""

import json
import os

from workbench.jobs import AcquireJob
from workbench.raw_files.acquire import acquire


def main():
    job, arguments = AcquireJob.from_arguments(__doc__, output="the file to write")
    # Where to look is not part of the job: another data folder is no reason to fetch a file again.
    data = json.loads(os.environ["WORKBENCH_DATA"])
    entry = {**data["registry"][job.file], **job.identity}
    patience = (data["attempts"], data["timeout"])
    acquire(job.file, entry, data["folder"], arguments.output, *patience, checksum=job.checksum)

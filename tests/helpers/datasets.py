"""Options, jobs and raw files of datasets, and the check of an error message."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from amtl.errors import InputError
from workbench import plugins
from workbench.code_dependencies import CodeDependencies
from workbench.jobs import FeaturesJob, PrepareJob
from workbench.raw_files import registry
from workbench.raw_files.acquire import acquire
from workbench.raw_files.checksums import SUMS
from workbench.raw_files.data_folder import find_local
from workbench.result_files import file_checksum

WORKFLOW = Path(plugins.ROOT)
ENTRIES = registry.load(WORKFLOW.parent / "config" / "raw-files.yaml")
# What a registry without a checksum says of a file.
UNVERIFIED = dict.fromkeys((*SUMS, "bytes")) | {"sum_of": "file", "unverified": True}


def fails(call, *parts):
    """Check that `call` raises one line of InputError that holds all `parts`."""
    with pytest.raises(InputError) as error:
        call()
    message = str(error.value)
    assert "\n" not in message
    for part in parts:
        assert str(part) in message, message


def load(name):
    return plugins.load("datasets", name)


def options_of(name, **given):
    """Return the default options of the dataset `name`, changed as `given`."""
    return {key: rule["default"] for key, rule in load(name).options.items()} | given


def with_code(job):
    """Return `job` with the digest of the code as it is."""
    return replace(job, code=CodeDependencies().digest(*job.modules))


def prepare_job(
    name, paths=(), *, index=1, seed=0, features="", verified=True, dataset=None, own=False, **given
):
    """Return the PrepareJob of a split of `name`.

    paths : its raw files. verified : whether the registry has their checksum; else the job has it.
    own : whether the files are the user's own.
    """
    names = [] if features else [path.name for path in paths]
    identities = {file: registry.identity(ENTRIES[file]) if verified else UNVERIFIED for file in names}
    if own:
        identities = {path.name: {"own": True, "sha256": file_checksum(path)} for path in paths}
    checksums = {} if verified or features or own else {path.name: file_checksum(path) for path in paths}
    return with_code(
        PrepareJob(
            code="",
            dataset=dataset or name,
            module=plugins.find("datasets")[name],
            index=index,
            seed=seed,
            options=options_of(name, **given),
            files=identities,
            checksums=checksums,
            features=features,
        )
    )


def features_job(name, source, listing=""):
    """Return the FeaturesJob that reads `source`, a file without a published checksum or a folder."""
    return with_code(
        FeaturesJob(
            code="",
            module=plugins.find("datasets")[name],
            file=load(name).files({})[0],
            identity=UNVERIFIED,
            checksum=file_checksum(source) if source.is_file() else "",
            listing=listing,
        )
    )


def real_files(names, data, folder):
    """Acquire the raw files `names` from the folder `data` into `folder`; return their paths or skip."""
    for name in names:
        if find_local(ENTRIES[name], data) is None:
            pytest.skip(f"{name} is not in {data}")
        if not (folder / name).exists():
            acquire(name, ENTRIES[name], data, folder / name)
    return [folder / name for name in names]


def run_script(name, *arguments):
    """Run a script of the workflow as a job does; return the finished process."""
    environment = os.environ | {"PYTHONPATH": str(WORKFLOW)}
    command = [sys.executable, "-P", "-m", "workbench.run_script", name, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")

"""Make one split of a dataset, and read the features of a dataset once for all its splits."""

from dataclasses import replace
from pathlib import Path

from amtl.errors import InputError
from workbench.datasets._spec import Features
from workbench.raw_files.checksums import verify
from workbench.result_files import StaleResult, file_checksum, load_record, replacing, save_record


def make_split(spec, job, paths):
    """Return the `Split` that `job`, a PrepareJob, describes.

    spec : the `DatasetSpec` of ``job.module``. paths : the raw files, each named as in the registry; if the
        dataset reads features, the npy file and its json header.
    Time has passed since the files were acquired, so each is checked again.
    """
    count = spec.splits(job.options, lambda name: True)
    if not 1 <= job.index <= count:
        raise InputError(f"{job.dataset}: there is no split {job.index}, only 1..{count}; lower run.splits")
    paths = {Path(path).name: Path(path) for path in paths}
    if spec.read_features:
        raw = load_features(paths.values(), job.features)
        files = raw.header["files"]
    else:
        raw = {name: paths[name] for name in sorted(job.files)}
        files = [
            verify_own(name, job.files[name], path)
            if "own" in job.files[name]
            else verify(name, job.files[name], path, job.checksums.get(name, ""))
            for name, path in raw.items()
        ]
    split = spec.make_split(job.index, job.options, raw, job.seed)
    meta = {**split.meta, "files": split.meta.get("files", []) + files}
    unverified = [file["name"] for file in files if not file["verified"]]
    if unverified:
        meta["note"] = f"{meta['note']} Unverified, as no checksum is published: {', '.join(unverified)}."
    return replace(split, dataset=job.dataset, meta=meta)


def verify_own(name, identity, path):
    """Return the facts of a file of the user's, whose content has to be that of the plan."""
    checksum = file_checksum(path)
    if checksum != identity["sha256"]:
        raise InputError(f"{path}: was changed after the run was planned; run the workflow again")
    facts = {"name": name, "sha256": checksum, "bytes": path.stat().st_size, "verified": True}
    return {**facts, "licence": "the user's own", "citation": "the user's own data"}


def read_features(spec, job, source, class_list, array, header):
    """Read the features in `source`, a raw file or a folder, into `array` (npy) and `header` (json).

    spec : the `DatasetSpec` of ``job.module``. job : a FeaturesJob. class_list : path of a list of classes,
        or None.
    The header holds what ``spec.read_features`` returned, the raw files and the sha256 of the array.
    """
    file = None
    if Path(source).is_file():
        file = verify(job.file, job.identity, source, job.checksum)
    with replacing(array) as temporary:
        content, folder = spec.read_features(source, class_list, temporary)
        checksum = file_checksum(temporary)
        job.require_code()
    files = [file or {**folder, "verified": False}]
    save_record(header, job, {**content, "files": files, "array": checksum})


def load_features(paths, digest):
    """Return the `Features` in an npy file and its json header.

    digest : of the FeaturesJob that must have made them. Raises StaleResult for other or changed files.
    """
    by_suffix = {path.suffix: path for path in paths}
    array, header = by_suffix[".npy"], load_record(by_suffix[".json"], digest)
    if file_checksum(array) != header["array"]:
        raise StaleResult(
            f"{array}: does not belong to {by_suffix['.json']}; delete both and run the workflow again"
        )
    return Features(array, header)

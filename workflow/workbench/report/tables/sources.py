"""The raw files behind the datasets: which bytes, under which licence, how to cite."""

from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Code, Table
from workbench.split_files import load_split

COLUMNS = {
    "name": "File",
    "bytes": "Bytes",
    "sha256": "SHA-256",
    "licence": "Licence",
    "citation": "Citation",
    "verified": "Checked",
}


def build(job, inputs):
    """Return the table. inputs: ``splits``, the npz files of every split of every dataset.

    Each split says in ``meta["files"]`` which raw files it was made from; a file is listed once per dataset.
    """
    files = {}
    for path in inputs["splits"]:
        split = load_split(path)
        used = files.setdefault(split.dataset, {})
        used.update({file["name"]: file for file in split.meta.get("files", [])})
    records = [
        {"dataset": dataset, **{key: file[key] for key in COLUMNS}}
        for dataset in paper.in_order(files, paper.DATASETS)
        for file in files[dataset].values()
    ]
    return Table(
        title="Raw files",
        columns=["Dataset", *COLUMNS.values()],
        align="llrwwwl",
        blocks=[(None, [_row(record) for record in records])],
        notes=[
            "Checked: before anything reads a file, its content is compared with a published or recorded "
            "checksum; the SHA-256 shown is that of the file used. Generated datasets have no file."
        ],
        records=records,
    )


def _row(record):
    return [
        paper.dataset_title(record["dataset"]),
        record["name"],
        f"{record['bytes']:,}",
        Code(record["sha256"]),
        record["licence"],
        record["citation"],
        "yes" if record["verified"] else "no checksum known",
    ]

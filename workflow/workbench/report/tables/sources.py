"""The raw files behind the datasets: checksum, licence and citation."""

from workbench.report._spec import OutputSpec
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


def build(run, inputs):
    """Return the table.

    inputs : ``splits`` of all datasets; ``registry``, licence and citation of the raw files.

    Each split says in ``meta["files"]`` which raw files it was made from; a file is listed once per dataset.
    """
    files = {}
    for path, digest in inputs["splits"]:
        split = load_split(path, digest)
        used = files.setdefault(split.dataset, {})
        used.update({file["name"]: file for file in split.meta.get("files", [])})
    registry = inputs["registry"]
    records = [
        {"dataset": dataset.name, **{key: {**registry.get(name, {}), **file}[key] for key in COLUMNS}}
        for dataset in run.datasets
        for name, file in files.get(dataset.name, {}).items()
    ]
    return Table(
        title="Raw files",
        columns=["Dataset", *COLUMNS.values()],
        align="llrwwwl",
        blocks=[(None, [_row(run, record) for record in records])],
        notes=[
            "Checked: the file's content was compared with a published or recorded checksum before it was "
            "read. The SHA-256 is that of the file used. Generated datasets have no file."
        ],
        records=records,
    )


def _row(run, record):
    return [
        run.dataset(record["dataset"]).title,
        record["name"],
        f"{record['bytes']:,}",
        Code(record["sha256"]),
        record["licence"],
        record["citation"],
        "yes" if record["verified"] else "no checksum known",
    ]


SPEC = OutputSpec(
    label="Sources",
    section="Data",
    order=20,
    make=build,
    splits=lambda run: {each.name: list(range(1, each.splits + 1)) for each in run.datasets},
    reads_registry=True,
)

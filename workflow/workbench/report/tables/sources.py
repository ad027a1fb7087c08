"""The raw files behind the datasets: checksum, licence and citation."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Code, Table
from workbench.report.tables._rows import all_splits

COLUMNS = ("name", "bytes", "sha256", "licence", "citation", "verified")


def build(run, inputs):
    """Return the table.

    inputs : ``splits`` of all datasets; ``registry``, licence and citation of the raw files.

    Each split says in ``meta["files"]`` which raw files it was made from; a file is listed once per dataset.
    """
    files = {dataset.name: {} for dataset in run.datasets}
    for split in inputs.load_splits():
        files[split.dataset].update({file["name"]: file for file in split.meta.get("files", [])})
    records = []
    for dataset, found in files.items():
        for name, file in found.items():
            facts = {**inputs["registry"].get(name, {}), **file}
            records.append({"dataset": dataset, **{column: facts[column] for column in COLUMNS}})
    return Table(
        title="Raw files",
        columns=["Dataset", "File", "Bytes", "SHA-256", "Licence", "Citation", "Checked"],
        align="llrwwwl",
        blocks=[(None, [_row(run, **record) for record in records])],
        notes=[
            "Checked: the file's content was compared with a published or recorded checksum before it was "
            "read. The SHA-256 is that of the file used. Generated datasets have no file."
        ],
        records=records,
    )


def _row(run, dataset, name, bytes, sha256, licence, citation, verified):
    checked = "yes" if verified else "no checksum known"
    return [run.title(dataset), name, f"{bytes:,}", Code(sha256), licence, citation, checked]


SPEC = OutputSpec("Sources", "Data", 20, build, splits=all_splits, reads_registry=True)

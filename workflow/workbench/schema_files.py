"""Where the schemas of the configuration and of the registry of raw files are."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def schema_file(name):
    """Return the path of a schema, in the project (workflow/schemas) or in the installed package."""
    installed = PACKAGE / "schemas" / name
    return installed if installed.exists() else PACKAGE.parent / "schemas" / name

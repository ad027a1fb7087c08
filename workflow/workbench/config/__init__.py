"""The configuration of a run: reading files, checking keys, defaults and the reference of all keys."""

from workbench.config.model import complete, normalise
from workbench.config.plugin_folders import use_plugins
from workbench.config.yaml_files import read

__all__ = ["check", "complete", "normalise", "read", "use_plugins"]


def check(files, overrides=None):
    """Raise InputError for the first problem of a configuration; the arguments are those of `read`."""
    normalise(read(files, overrides))

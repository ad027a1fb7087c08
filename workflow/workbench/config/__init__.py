"""The configuration of a run: reading files, checking keys, defaults and the reference of all keys."""

from workbench.config.model import complete, normalise
from workbench.config.yaml_files import read

__all__ = ["complete", "normalise", "read"]

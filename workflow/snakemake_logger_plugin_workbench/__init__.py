"""Snakemake logger plugin: ``snakemake --logger workbench``.

Snakemake finds it by the package's name when the `workflow` folder is in PYTHONPATH.
"""

import sys

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Hand Snakemake's log records to Progress, which writes to the terminal."""

    writes_to_stream = True
    writes_to_file = False
    needs_rulegraph = False
    # Progress needs the records of jobs that --quiet hides, so it applies the options itself.
    has_filter = True
    # Snakemake's formatter gives the text of the records that are shown unchanged.
    has_formatter = False

    def __post_init__(self):
        # Snakemake imports every plugin when it starts; the workbench is imported only if this one is used.
        from workbench.progress import Progress

        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.progress = Progress(self.common_settings, stream, self.format)

    def emit(self, record):
        """Show one record."""
        try:
            self.progress.take(record)
        except Exception:
            self.handleError(record)

    def close(self):
        """Write the end of the run."""
        self.progress.close()
        super().close()

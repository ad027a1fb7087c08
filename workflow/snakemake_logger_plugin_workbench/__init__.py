"""Snakemake logger plugin: ``snakemake --logger workbench``.

Snakemake finds it by the package's name when the `workflow` folder is in PYTHONPATH.
"""

import sys

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Hand Snakemake's log records to Progress, which writes to the terminal.

    A dry run shows them in Snakemake's words.
    """

    writes_to_stream = True
    writes_to_file = False
    needs_rulegraph = False
    # Snakemake's formatter gives the text of the records that are shown unchanged.
    has_formatter = False

    def __post_init__(self):
        # Snakemake imports every plugin when it starts; the workbench is imported only if this one is used.
        from workbench.progress import Progress

        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.progress = Progress(self.common_settings, stream, self.format)

    @property
    def has_filter(self):
        # Snakemake's filter hides the records of jobs for --quiet, but Progress needs them.
        return not self.common_settings.dryrun

    def emit(self, record):
        """Show one record."""
        try:
            if self.common_settings.dryrun:
                self.progress.write(self.format(record))
            else:
                self.progress.take(record)
        except Exception:
            self.handleError(record)

    def close(self):
        """Write the end of the run."""
        self.progress.close()
        super().close()

"""Snakemake logger plugin: ``snakemake --logger workbench``.

Snakemake finds it by the package's name when the `workflow` folder is in PYTHONPATH.
"""

import sys

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Hand Snakemake's log records to Progress or, of a dry run, to DryRun; both write to the terminal."""

    writes_to_stream = True
    writes_to_file = False
    needs_rulegraph = False
    # Snakemake's formatter gives the text of the records that are shown unchanged.
    has_formatter = False
    # Snakemake's filter hides the records of jobs for --quiet, but both need them.
    has_filter = True

    def __post_init__(self):
        # Snakemake imports every plugin when it starts; the workbench is imported only if this one is used.
        from workbench.dry_run import DryRun
        from workbench.progress import Progress

        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        show = DryRun if self.common_settings.dryrun else Progress
        self.shown = show(self.common_settings, stream, self.format)

    def emit(self, record):
        """Show one record."""
        try:
            self.shown.take(record)
        except Exception:
            self.handleError(record)

    def close(self):
        """Write the end of the run."""
        self.shown.close()
        super().close()

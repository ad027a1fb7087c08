"""Write down the configuration of the run, with every default filled in."""

from workbench.jobs import SettingsJob
from workbench.result_files import write_text


def main():
    job, arguments = SettingsJob.from_arguments(__doc__, output="json file to write")
    job.require_code()
    write_text(arguments.output, job.text)

"""The report of a run, results/report.html: one page that needs no other file and no network."""

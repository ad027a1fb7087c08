"""Which raw files of a run are available, found out once at its start, before any job runs.

A file is available when it is in the data folder, when an earlier run has stored it, or when one of its
addresses answers. Addresses are asked only for files that are in neither place, all at the same time.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from workbench.raw_files.checksums import has_sum, measure
from workbench.raw_files.data_folder import find_local, find_tree
from workbench.raw_files.registry import find_entry, may_download, require_entries

STORE = Path("results/raw")
SECONDS = 6.0


@dataclass(frozen=True)
class Availability:
    """What is known of the raw files of a run.

    kept : names of files that only the store has; nothing needs to fetch them again.
    read : names of files that are missing and not needed, because the files that were made of them exist.
    absent : {name: failures} of unavailable files; failures are the addresses tried, each with the reason.
    offline : the reason if addresses were asked and none of their hosts answered, else "".
    """

    kept: list
    read: list
    absent: dict
    offline: str = ""


def survey(wanted, entries, folder, store=STORE, seconds=SECONDS):
    """Return the Availability of the raw files `wanted`.

    wanted : {name in the registry: files that an earlier run may have made of it}. entries : the registry.
    folder : the data folder, or None.
    """
    require_entries(entries, wanted)
    kept, read, absent, asked = [], [], {}, {}
    for name, results in wanted.items():
        entry = find_entry(entries, name)
        if find_local(entry, folder):
            continue
        if _is_stored(entry, Path(store, name)):
            kept.append(name)
        elif find_tree(entry, folder):
            continue
        elif results and all(Path(path).is_file() for path in results):
            read.append(name)
        elif may_download(entry):
            asked[name] = entry["urls"]
        else:
            absent[name] = []
    failures = probe({url for urls in asked.values() for url in urls}, seconds)
    for name, urls in asked.items():
        if all(url in failures for url in urls):
            absent[name] = [f"{url} ({failures[url]})" for url in urls]
    return Availability(kept, read, absent, _offline(asked, failures))


def _offline(asked, failures):
    """Return the reason if none of the hosts of the addresses `asked` answered, else an empty text."""
    if not failures:
        return ""
    from workbench.raw_files.download import Unreachable

    remote = [url for urls in asked.values() for url in urls if not url.startswith("file:")]
    silent = remote and all(isinstance(failures.get(url), Unreachable) for url in remote)
    return failures[remote[0]] if silent else ""


def _is_stored(entry, path):
    """Return whether an earlier run put the file at `path` and it still is what the registry says."""
    try:
        return not measure(entry, path)[2]
    except OSError:
        return False


def probe(urls, seconds=SECONDS):
    """Return {url: reason} of the `urls` that give no content within about `seconds`. Nothing is downloaded.

    Threads that have not ended by then are left alone: the look-up of a host name has no time limit.
    """
    if not urls:
        return {}
    # Importing requests takes 0.1 s, which runs without downloads are spared.
    from workbench.raw_files.download import Unreachable, unavailable

    reasons = dict.fromkeys(urls, Unreachable(f"no answer within {seconds:g} s"))

    def ask(url):
        reasons[url] = unavailable(url, seconds)

    threads = [threading.Thread(target=ask, args=(url,), daemon=True) for url in urls]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    return {url: reason for url, reason in list(reasons.items()) if reason}


def in_short(name, entry):
    """Return why the raw file `name` is unavailable, in the same words on every machine."""
    if not entry["urls"]:
        why = "no download address is known"
    elif not has_sum(entry):
        why = "it is not downloaded because no checksum is published"
    else:
        why = "none of its addresses answers"
    return f"{name} is not in the data folder and {why}"

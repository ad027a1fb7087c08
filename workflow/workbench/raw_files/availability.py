"""Which raw files of a run can be had, found out once at its start, before any job runs.

A file can be had when it lies in the data folder, when an earlier run has stored it, or when one of its
addresses answers. Addresses are asked only for files that are nowhere at hand, all at the same time.
"""

import threading
import time
import urllib.request
from pathlib import Path

from workbench.raw_files import raw

STORE = Path("results/raw")
SECONDS = 6.0


def survey(wanted, entries, folder, store=STORE, seconds=SECONDS):
    """Return what is known of the raw files `wanted`, as builtin types.

    wanted : {name in the registry: files that an earlier run has read it into, if any}; entries : the
    registry; folder : the data folder, or None. The answer has ``kept``, the names of files that only the
    store has and that nothing needs to fetch again; ``read``, of those that are nowhere and need not be, as
    what they were read into is there; and ``absent``: {name: failures} of those that cannot be had, where
    failures are the addresses that were tried, with what was wrong.
    """
    kept, read, absent, asked = [], [], {}, {}
    for name, results in wanted.items():
        entry = raw.find_entry(entries, name)
        if raw.find_local(entry, folder) is not None:
            continue
        if is_stored(entry, Path(store, name)):
            kept.append(name)
        elif raw.find_tree(entry, folder) is not None:
            continue
        elif results and all(Path(path).is_file() for path in results):
            read.append(name)
        elif raw.is_available(entry, folder):
            asked[name] = entry["urls"]
        else:
            absent[name] = []
    failures = probe({url for urls in asked.values() for url in urls}, seconds)
    for name, urls in asked.items():
        if all(url in failures for url in urls):
            absent[name] = [f"{url} ({failures[url]})" for url in urls]
    return {"kept": kept, "read": read, "absent": absent}


def is_stored(entry, path):
    """Say whether the file that an earlier run put at `path` is there and still what the registry says."""
    return path.is_file() and not raw.mismatch(entry, path)


def probe(urls, seconds=SECONDS):
    """Return {url: reason} of the `urls` that give no content within about `seconds`; nothing is downloaded.

    The threads are left to themselves at the deadline: looking up a name knows no time limit of its own.
    """
    reasons = {url: f"no answer within {seconds:g} s" for url in urls}
    lock = threading.Lock()
    threads = [threading.Thread(target=_ask, args=(url, seconds, reasons, lock), daemon=True) for url in urls]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    with lock:
        return {url: reason for url, reason in reasons.items() if reason}


def _ask(url, seconds, reasons, lock):
    """Set ``reasons[url]`` to what is wrong with the address, or to nothing."""
    request = urllib.request.Request(url, headers={"User-Agent": "amtl"})
    try:
        with urllib.request.urlopen(request, timeout=seconds):
            reason = ""
    except Exception as error:  # whatever it is, the file cannot be had from there
        # A server that asks for patience is there; the download will wait for it.
        reason = "" if getattr(error, "code", None) in raw.PATIENCE else raw.reason_of(error)
    with lock:
        reasons[url] = reason


def in_short(name, entry):
    """Return why the raw file `name` cannot be had, in the same words on every machine."""
    if not entry["urls"]:
        why = "no download address is known"
    elif not raw.has_sum(entry):
        why = "it is not downloaded, as no checksum is published"
    else:
        why = "none of its addresses answers"
    return f"{name} is not in the data folder and {why}"

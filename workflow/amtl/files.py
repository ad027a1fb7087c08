"""Writing results: a file is there whole or not at all, and the same content is the same bytes."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

from amtl.takeover import still_ours


@contextmanager
def replacing(path):
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        with still_ours():
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write `text` to `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, content):
    """Write `content` as indented JSON with a stable order of keys."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")

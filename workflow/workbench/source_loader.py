"""Import our modules from their source files, never from cached byte code.

Python trusts a cache whose size and date agree with the source, so an edit that keeps both would run the
old code.
"""

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path

# The folder that holds our packages.
ROOT = Path(__file__).resolve().parent.parent
# {path of a file: its bytes as they were compiled}.
compiled = {}
# The folders that hold our packages and the user's plug-ins.
folders = []


class _FromSource(SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        content = compiled[path] = self.get_data(path)
        return self.source_to_code(content, path)


def use_for(places):
    """Make imports from the folders `places`, and from all folders below them, ignore cached byte code."""
    new = [place for place in map(os.path.abspath, places) if place not in folders]
    if not new:
        return
    folders.extend(new)
    inside = tuple(os.path.join(place, "") for place in new)
    make_finder = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, [".py"]))

    def is_inside(path):
        return os.path.join(os.path.abspath(path), "").startswith(inside)

    def hook(path):
        if not is_inside(path):
            raise ImportError(f"{path}: not one of our folders")
        return make_finder(path)

    sys.path_hooks.insert(0, hook)
    for path in list(sys.path_importer_cache):
        if is_inside(path):
            del sys.path_importer_cache[path]

"""Fits of a part of a grid on disk: an npz file with their arrays and a header in JSON."""

import json
from dataclasses import fields

import numpy as np

from amtl.methods._fit import Fit
from amtl.model_selection import Known, Tuned
from workbench.result_files import load_arrays, save_arrays

# The name of the fit from which the others start; those of the grid have the number of their point.
INIT = "init"
# The fields of a fit that are arrays or None. `learned` holds further arrays; the other fields are numbers.
ARRAYS = ("W", "B", "order", "closed")


def save_known(path, job, known):
    """Write `Known` fits to `path` as the result of `job`."""
    fits = {str(k): fit for k, (fit, _) in known.fits.items()}
    header = {"seconds": known.seconds, "points": {str(k): found[1] for k, found in known.fits.items()}}
    if known.init is not None:
        fits[INIT] = known.init.fit
        header[INIT] = known.init.grid
    arrays = {}
    for name, fit in fits.items():
        given = {field: getattr(fit, field) for field in ARRAYS} | fit.learned
        arrays |= {f"{name}.{field}": array for field, array in given.items() if array is not None}
    header["fits"] = {name: _numbers(fit) for name, fit in fits.items()}
    save_arrays(path, job, {**arrays, "header": np.array(json.dumps(header))})


def load_known(path, digest):
    """Return the `Known` fits at `path`. digest : of the job that must have made them."""
    arrays = load_arrays(path, digest)
    header = json.loads(str(arrays.pop("header")))
    parts = {name: {} for name in header["fits"]}
    for key, array in arrays.items():
        name, _, field = key.partition(".")
        parts[name][field] = array
    fits = {}
    for name, numbers in header["fits"].items():
        given = {field: parts[name].pop(field, None) for field in ARRAYS}
        fits[name] = Fit(**given, learned=parts[name], **numbers)
    init = None
    if INIT in header:
        init = Tuned(fits[INIT], header[INIT], 0, 1, [], [], fits=[fits[INIT]])
    points = {int(k): (fits[k], seconds) for k, seconds in header["points"].items()}
    return Known(init, points, header["seconds"])


def _numbers(fit):
    """Return the fields of a fit that are no arrays, as builtin types."""
    found = {field.name: getattr(fit, field.name) for field in fields(fit)}
    found = {name: value for name, value in found.items() if name not in (*ARRAYS, "learned")}
    return json.loads(json.dumps(found, default=lambda value: value.item()))

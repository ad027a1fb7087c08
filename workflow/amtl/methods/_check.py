"""Checks of options and strengths that a user gives in Python. The workflow checks its configuration."""

import math
from numbers import Integral, Real

import numpy as np

from amtl.errors import InputError, nearest
from amtl.methods import find_methods, installed_methods, load_method


def check_option(owner, name, value, schema):
    """Raise InputError unless `value` suits the JSON-schema property `schema` of an option."""
    types = schema.get("type", "string")
    types = [types] if isinstance(types, str) else types
    if value is None and "null" in types:
        return
    if "enum" in schema and not any(
        type(value) is type(valid) and value == valid for valid in schema["enum"]
    ):
        hint = nearest(value, [str(valid) for valid in schema["enum"]])
        raise InputError(f"{owner}: {name}={value!r} is no valid value{hint}")
    if {"number", "integer"} & {*types}:
        kind = Integral if "number" not in types else Real
        if not isinstance(value, kind) or isinstance(value, bool) or value != value or abs(value) == math.inf:
            what = "a whole number" if kind is Integral else "a finite number"
            raise InputError(f"{owner}: {name}={value!r} is not {what}")
        bounds = {
            "minimum": lambda bound: value >= bound,
            "maximum": lambda bound: value <= bound,
            "exclusiveMinimum": lambda bound: value > bound,
            "exclusiveMaximum": lambda bound: value < bound,
        }
        for key, holds in bounds.items():
            if key in schema and not holds(schema[key]):
                raise InputError(f"{owner}: {name}={value!r} is out of range ({key} {schema[key]})")


def check_rows(spec, options, n, tasks, where=""):
    """Raise InputError that names the first task without training rows, if the method needs some of each.

    n : (T,) training rows of every task. tasks : their names. where : what the error begins with.
    """
    empty = np.flatnonzero(np.asarray(n) == 0)
    reason = spec.needs_rows(options) if len(empty) else None
    if reason is not None:
        own = [name for name in find_methods() if name not in installed_methods()]
        able = ", ".join(name for name in own if load_method(name).can_borrow)
        raise InputError(
            f"{where}task {tasks[empty[0]]!r} has no training rows, and {reason} ({spec.name}); leave out "
            f"the task, or use a method that can borrow from other tasks: {able}"
        )

"""The class of an estimator, made from the spec of its method."""

import inspect
import re
import textwrap

from amtl.estimators._base import POSITIVE, Classifier, MultiTaskEstimator, Regressor, TunedMixin
from amtl.methods._spec import LEARNED, MethodSpec
from amtl.problem import FIT_LOSSES, INTERCEPTS

# End of a class name -> its bases.
SUFFIXES = {
    "Regressor": (Regressor,),
    "Classifier": (Classifier,),
    "RegressorCV": (TunedMixin, Regressor),
    "ClassifierCV": (TunedMixin, Classifier),
}
# Parameters of all estimators, as JSON-schema properties.
COMMON = {
    "fit_loss": {
        "enum": FIT_LOSSES,
        "default": "sum",
        "description": "Whether a task adds the sum or the mean of the losses of its rows.",
    },
    "intercept": {
        "enum": INTERCEPTS,
        "default": "free",
        "description": "`free`: one per task, not penalized. `feature`: a constant feature like any other "
        "(the paper). Or `none`.",
    },
    "standardize": {
        "enum": (True, False),
        "default": True,
        "description": "Whether features are standardized by all training rows together. `coef_` is in the "
        "given units.",
    },
    "tol": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 1e-6,
        "description": "Largest residual of the optimality conditions of a converged fit.",
    },
    "max_iter": {
        "type": "integer",
        "minimum": 1,
        "default": 4000,
        "description": "Largest number of iterations.",
    },
    "random_state": {
        "default": 0,
        "description": "Seed of random starts and folds. None stands for 0.",
    },
}
LOSS = {
    "loss": {
        "enum": ("logistic", "squared"),
        "default": "logistic",
        "description": "The loss. `squared` is that on labels -1 and 1.",
    },
}
TUNING = {
    "n_points": {
        "type": "integer",
        "minimum": 1,
        "default": 60,
        "description": "Points of the initial grid.",
    },
    "cv": {
        "default": None,
        "description": "Number of folds within every task (5 if None), a scikit-learn splitter, or pairs of "
        "row numbers (train, test).",
    },
    "scoring": {
        "default": None,
        "description": "Name of a scikit-learn scorer, whose mean over tasks is to be largest. None: RMSE or "
        "share of wrong labels, to be smallest.",
    },
    "refit": {
        "enum": (True, False),
        "default": True,
        "description": "Whether to fit all rows at the chosen point. False keeps the fit of the only fold.",
    },
}
# Types of the parameters that are more than numbers, texts and switches, for the documentation.
OTHER_TYPES = {
    "random_state": ("int, RandomState instance or None", "int | numpy.random.RandomState | None"),
    "cv": ("int, splitter, iterable or None", "int | BaseCrossValidator | Iterable | None"),
    "scoring": ("str, callable or None", "str | Callable | None"),
}
TYPES = {"number": "float", "integer": "int", "string": "str", "boolean": "bool", "null": "None"}
MIDDLE = "None for the middle of the path that the data give."


def make_class(name: str, suffix: str, spec: MethodSpec) -> type[MultiTaskEstimator]:
    """Return the estimator class `name`, which ends in `suffix`, of a method."""
    parameters = _parameters(suffix, spec)
    bases = SUFFIXES[suffix]

    def __init__(self, **given):
        for key, schema in parameters.items():
            setattr(self, key, given.pop(key, schema["default"]))
        if given:
            raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(given))!r}")

    # scikit-learn reads the parameters of an estimator from the signature.
    own = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    keys = [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            default=schema["default"],
            annotation=_type(key, schema)[1],
        )
        for key, schema in parameters.items()
    ]
    __init__.__signature__ = inspect.Signature(own + keys, return_annotation=None)
    content = {
        "__init__": __init__,
        "__module__": "amtl.estimators",
        "__doc__": _docstring(name, suffix, spec, parameters),
        "spec": spec,
        "_parameters": parameters,
    }
    return type(name, bases, content)


def _parameters(suffix, spec):
    """Return {name: JSON-schema property with a default and a description} of all parameters."""
    found = {}
    if not suffix.endswith("CV"):
        found.update({key: _strength(key, text) for key, text in spec.hyperparameters.items()})
        if spec.init is not None:
            found["rho"] = _strength("rho", "Ridge weight of the single-task weights that a fit starts from.")
    found |= {key: schema for key, schema in spec.options.items() if key not in spec.hyperparameters}
    if suffix.startswith("Classifier"):
        found |= LOSS
    return found | COMMON | (TUNING if suffix.endswith("CV") else {})


def _strength(key, text):
    bound = {"type": ["integer", "null"], "minimum": 1} if key == "k" else POSITIVE
    return {**bound, "default": None, "description": f"{text} {MIDDLE}"}


def _type(key, schema):
    """Return the type of a parameter as documented, and as an annotation."""
    if key in OTHER_TYPES:
        return OTHER_TYPES[key]
    if "enum" in schema:
        values = ", ".join(repr(value) for value in schema["enum"])
        return ("bool",) * 2 if True in schema["enum"] else (f"{{{values}}}", f"Literal[{values}]")
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = [TYPES.get(each, each) for each in types]
    return " or ".join(names), " | ".join(names)


def _docstring(name, suffix, spec, parameters):
    kind = "regression" if suffix.startswith("Regressor") else "classification"
    how = ", its strengths chosen by cross-validation" if suffix.endswith("CV") else ""
    title = spec.title[:1].upper() + spec.title[1:]
    lines = [f"{title} for {kind}{how}.", "", "It minimizes ::", "", f"    {spec.objective}", ""]
    symbols = "F_t is the loss of task t, and w_t its weights, the columns of W (d, T)."
    if re.search(r"\bB\b", spec.objective):
        symbols += " B (T, T) is the graph: B[s, t] is the weight of the edge from s to t."
    lines += _wrapped(f"{symbols} Weights are those of standardized features.", "")
    if spec.ordered:
        text = (
            "The order of the tasks counts. It is that of a list or dict of tasks; stacked rows have the "
            "tasks in the sorted order of their names, see `tasks_`."
        )
        lines += ["", *_wrapped(text, "")]
    if spec.can_borrow:
        reason = spec.needs_rows({key: schema["default"] for key, schema in spec.options.items()})
        unless = "" if reason is None else f" By default it may not: {reason}."
        text = (
            "A task may be without rows: the other tasks determine its weights, and a free intercept is the "
        )
        lines += ["", *_wrapped(f"{text}mean of theirs.{unless}", "")]
    lines += ["", "Parameters", "----------"]
    for key, schema in parameters.items():
        text = schema["description"]
        lines += [f"{key} : {_type(key, schema)[0]}, default={schema['default']!r}", *_wrapped(text, "    ")]
    lines += ["", "Attributes", "----------"]
    for key, text in _attributes(suffix, spec).items():
        lines += [key, *_wrapped(text, "    ")]
    lines += ["", "See Also", "--------"]
    if suffix.endswith("CV"):
        lines += [f"{name.removesuffix('CV')} : The same at given strengths."]
    else:
        lines += [f"{name}CV : The same with strengths chosen by cross-validation."]
    lines += ["strength_path : The path of strengths that the data give."]
    lines += ["", "References", "----------", *_wrapped(spec.citation, "")]
    lines += ["", "Examples", "--------", *_example(name, suffix)]
    return "\n".join(lines) + "\n"


def _attributes(suffix, spec):
    found = {
        "coef_ : ndarray of shape (T, d)": "Weights in the given units.",
        "intercept_ : ndarray of shape (T,)": "Intercepts.",
        "tasks_ : ndarray of shape (T,)": "Names of the tasks, in the order of `coef_`.",
    }
    if suffix.startswith("Classifier"):
        found["classes_ : ndarray of shape (number of classes,)"] = "The labels."
    found |= {f"{name}_ : ndarray": LEARNED[name] for name in spec.learns}
    found |= {
        "n_features_in_ : int": "Number of features d.",
        "feature_names_in_ : ndarray of shape (d,)": "Names of the features, if they are texts.",
        "strengths_ : dict": "The strengths of the fit.",
        "objective_ : float": "The objective at the fit, in standardized features.",
        "converged_ : bool": "Whether `kkt_residual_` is at most `tol`.",
        "kkt_residual_ : float": "Relative violation of the optimality conditions.",
        "n_iter_ : int": "Number of iterations.",
    }
    if suffix.endswith("CV"):
        found |= {
            "best_score_ : float": "Score of the chosen point: minus the error, or that of `scoring`.",
            "grid_ : list of dict": "What happened at every point.",
            "best_index_ : int": "Position of the chosen point in `grid_`.",
            "at_edge_ : list of str": "Strengths that were chosen at an end of their axis.",
        }
    return found


def _example(name, suffix):
    target = "y = (y > 0).astype(int)" if suffix.startswith("Classifier") else None
    tuned = "n_points=6, cv=3" if suffix.endswith("CV") else ""
    lines = [
        ">>> import numpy as np",
        f">>> from amtl import {name}",
        ">>> rng = np.random.default_rng(0)",
        '>>> X, task = rng.normal(size=(90, 4)), np.repeat(["a", "b", "c"], 30)',
        ">>> y = X @ [1.0, -1.0, 0.0, 2.0] + rng.normal(size=90)",
    ]
    lines += [f">>> {target}"] if target else []
    lines += [
        f">>> model = {name}({tuned}).fit(X, y, task)",
        ">>> model.coef_.shape, model.predict(X[:5], task[:5]).shape",
        "((3, 4), (5,))",
    ]
    return lines


def _wrapped(text, indent):
    return textwrap.wrap(text, 100, initial_indent=indent, subsequent_indent=indent)

"""The class of an estimator, made from the spec of its method."""

import inspect
import textwrap

from amtl.estimators._base import Classifier, Regressor, TunedMixin
from amtl.methods._spec import LEARNED

# End of a class name -> its bases.
SUFFIXES = {
    "Regressor": (Regressor,),
    "Classifier": (Classifier,),
    "RegressorCV": (TunedMixin, Regressor),
    "ClassifierCV": (TunedMixin, Classifier),
}
COMMON = {
    "fit_loss": (
        "sum",
        "`sum` or `mean`: whether a task adds the sum or the mean of the losses of its rows.",
    ),
    "intercept": (
        "free",
        "`free`: one per task, not penalized. `feature`: a constant feature like any other (the paper). Or "
        "`none`.",
    ),
    "standardize": (
        True,
        "Whether features are standardized by all training rows together. `coef_` is in the given units.",
    ),
    "tol": (1e-6, "Largest residual of the optimality conditions of a converged fit."),
    "max_iter": (4000, "Largest number of iterations."),
    "random_state": (0, "Seed of random starts and folds: an int, a RandomState, or None for 0."),
}
LOSS = {"loss": ("logistic", "`logistic`, or `squared` on labels -1 and 1.")}
TUNING = {
    "n_points": (60, "Points of the initial grid."),
    "cv": (
        None,
        "Folds within every task (5 by default), or a scikit-learn splitter, or pairs of row numbers "
        "(train, test).",
    ),
    "scoring": (
        None,
        "Name of a scikit-learn scorer, whose mean over tasks is to be largest. None: RMSE or share of wrong "
        "labels, to be smallest.",
    ),
    "refit": (True, "Whether to fit all rows at the chosen point. False keeps the fit of the only fold."),
}


def make_class(name, suffix, spec):
    """Return the estimator class `name`, which ends in `suffix`, of a method."""
    parameters = _parameters(suffix, spec)
    bases = SUFFIXES[suffix]

    def __init__(self, **given):
        for key, (default, _) in parameters.items():
            setattr(self, key, given.pop(key, default))
        if given:
            raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(given))!r}")

    # scikit-learn reads the parameters of an estimator from the signature.
    own = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    keys = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default)
        for key, (default, _) in parameters.items()
    ]
    __init__.__signature__ = inspect.Signature(own + keys)
    content = {
        "__init__": __init__,
        "__module__": "amtl.estimators",
        "__doc__": _docstring(name, suffix, spec, parameters),
        "spec": spec,
    }
    return type(name, bases, content)


def _parameters(suffix, spec):
    """Return {name: (default, sentence)} of all parameters."""
    found = {}
    if not suffix.endswith("CV"):
        middle = "None for the middle of the path that the data give."
        found.update({key: (None, f"{text} {middle}") for key, text in spec.hyperparameters.items()})
        if spec.init is not None:
            found["rho"] = (None, f"Ridge weight of the single-task weights that a fit starts from. {middle}")
    for key, schema in spec.options.items():
        if key not in spec.hyperparameters:
            found[key] = (schema["default"], schema["description"])
    if suffix.startswith("Classifier"):
        found.update(LOSS)
    return found | COMMON | (TUNING if suffix.endswith("CV") else {})


def _docstring(name, suffix, spec, parameters):
    kind = "regression" if suffix.startswith("Regressor") else "classification"
    how = ", strengths chosen by cross-validation" if suffix.endswith("CV") else ""
    lines = [f"{spec.title} for {kind}{how}.", "", "It minimizes", "", f"    {spec.objective}", ""]
    lines += _wrapped(
        "F_t is the loss of task t, w_t its weights, the columns of W, and B the graph: B[s, t] is the "
        "weight of the edge from s to t.",
        "",
    )
    lines += ["", "Parameters", "----------"]
    for key, (default, text) in parameters.items():
        lines += [f"{key} : default {default!r}", *_wrapped(text, "    ")]
    lines += ["", "Attributes", "----------"]
    for key, text in _attributes(suffix, spec).items():
        lines += [key, *_wrapped(text, "    ")]
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
        found["classes_ : ndarray"] = "The labels."
    found |= {f"{name}_ : ndarray": LEARNED[name] for name in spec.learns}
    found |= {
        "strengths_ : dict": "The strengths of the fit.",
        "objective_ : float": "The objective at the fit, in standardized features.",
        "converged_ : bool": "Whether `kkt_residual_` is at most `tol`.",
        "kkt_residual_ : float": "Relative violation of the optimality conditions.",
        "n_iter_ : int": "Number of iterations.",
    }
    if suffix.endswith("CV"):
        found |= {
            "best_score_ : float": "Score of the chosen point: minus the error, or that of `scoring`.",
            "grid_ : list of dict": "What happened at every point; `best_index_` is the chosen one.",
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

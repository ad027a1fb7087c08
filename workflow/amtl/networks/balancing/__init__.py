"""Rules that balance the tasks' gradients: every public file here defines one, as ``RULE``."""

import importlib
from pathlib import Path

import numpy as np

from amtl.errors import InputError, nearest
from amtl.methods._check import check_option
from amtl.networks.balancing._rule import GRADIENTS, Given, Rule


def find_rules() -> list[str]:
    """Return the names of all rules, without importing any of them."""
    return [file.stem.replace("_", "-") for file in sorted(Path(__file__).parent.glob("[!_]*.py"))]


def load_rule(name: str) -> Rule:
    """Return the rule `name`; raise InputError with the nearest name if there is none."""
    if name not in find_rules():
        raise InputError(f"no balancing rule {name!r}{nearest(name, find_rules())}")
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").RULE


def check_options(rule: Rule, options: dict) -> dict:
    """Return `options` with the rule's defaults; raise InputError for an unknown one or an invalid value."""
    for key, value in options.items():
        if key not in rule.options:
            known = f"no option {key!r}{nearest(key, rule.options)}" if rule.options else "it has no options"
            raise InputError(f"balancing rule {rule.name}: {known}")
        check_option(f"balancing rule {rule.name}", key, value, rule.options[key])
    return {**rule.defaults, **options}


def direction(name: str, gradients: np.ndarray, losses: np.ndarray | None = None, seed: int = 0, **options):
    """Return the direction (P,) in which a rule lowers the losses in one step from its first state.

    Parameters
    ----------
    name : str
        The rule, such as ``"nash"``.
    gradients : ndarray of shape (T, P)
        Gradients of the T losses.
    losses : ndarray of shape (T,), optional
        The losses; ones by default.
    seed : int
        Seed of rules that draw.
    **options
        Options of the rule.

    Returns
    -------
    ndarray of shape (P,)
        d: a step goes from x to x - rate * d.

    Raises
    ------
    InputError
        For an unknown rule or option, and for gradients or losses that are not finite or overflow.

    Examples
    --------
    >>> import numpy as np
    >>> direction("mgda", np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([0.5, 0.5])
    """
    rule = load_rule(name)
    options = check_options(rule, options)
    J = np.asarray(gradients, dtype=float)
    if J.ndim != 2 or 0 in J.shape:
        raise InputError(
            f"gradients have shape {J.shape}; give one row for each task and one column for each weight"
        )
    values = np.ones(len(J)) if losses is None else np.asarray(losses, dtype=float)
    if values.shape != (len(J),):
        raise InputError(f"losses have shape {values.shape}; give one for each of the {len(J)} tasks")
    for what, array in (("gradient", J), ("loss", values[:, None])):
        bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if len(bad):
            raise InputError(f"task {bad[0]}: its {what} is NaN or infinite; lower the learning rate")
    with np.errstate(over="ignore", invalid="ignore"):
        gram = J @ J.T
    if not np.isfinite(gram).all():
        longest = int(np.abs(J).max(axis=1).argmax())
        raise InputError(
            f"task {longest}: the square of its gradient overflows; divide all gradients by one number"
        )
    given = Given(
        values,
        gram=gram,
        gradients=J if rule.needs == GRADIENTS else None,
        random=np.random.default_rng(seed),
        regression=np.zeros(len(J), dtype=bool),
        first_losses=values,
        learning_rate=0.01,
    )
    weights, _ = rule.weigh(given, rule.start(len(J), options), options)
    return combine(weights, J)


def combine(weights: np.ndarray, J: np.ndarray) -> np.ndarray:
    """Return the direction (P,) of weights (T,) or (T, P) and gradients J (T, P)."""
    return weights @ J if weights.ndim == 1 else (weights * J).sum(axis=0)

"""What a method is: the one object that its file defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from amtl.methods._axes import Axis
from amtl.splits import KINDS

# What a fit may hold besides its weights, as `MethodSpec.learns` names it: {name: what it is}. The graph and
# the order are fields of a `Fit`, all others entries of `Fit.learned`.
LEARNED = {
    "graph": "The graph B (T, T).",
    "order": "Positions of the tasks (T,) in the order of training.",
    "support": "Whether any task uses the feature (p,).",
    "singular_values": "Singular values of the penalized weights, the largest first.",
    "parts": "The parts whose sum the penalized weights are.",
    "group_graphs": "The graph of each group of features (groups, T, T).",
    "dictionary": "The shared columns L (p, k), whose combinations the weights are.",
    "codes": "The combination of the shared columns for each task (k, T).",
    "cells": "The weights of all cells of the grid of tasks (d, cells), also of those without rows.",
    "multipliers": "The parts of minus the gradient, one for each norm, that certify the optimum.",
    "covariance": "The covariance of the tasks (T, T), up to its scale: its trace is one.",
    "clusters": "The cluster of each task (T,), a number.",
    "cluster_matrix": "The matrix M (T, T) in place of the projection onto clusters, with the trace k.",
    "stages": "The penalized weights after each stage (stages, p, T), with the option `stages`.",
    "outliers": "Whether the task has weights of its own in the part of the outliers (T,).",
    "similarity": "How much each task learns from the rows of each other one (T, T).",
    "conflicts": "Share of the pairs of tasks with conflicting gradients at each check (checks,).",
    "task_weights": "Mean weight of each task's gradient before each check (checks, T).",
    "training_losses": "Mean training loss of each task before each check (checks, T).",
}


def _always(options: dict[str, Any]) -> bool:
    return True


def _needs_rows(options: dict[str, Any]) -> str | None:
    return "no other task determines its weights in this method"


def borrows(options: dict[str, Any]) -> None:
    """Return None: the `needs_rows` of methods that can fit a task without training rows."""


@dataclass(frozen=True)
class MethodSpec:
    """A method: its names, what it applies to, its options, its grid and its fit.

    Parameters
    ----------
    name : str
        Entry name, the file's name with ``-`` for ``_``. Random starts are seeded by it.
    title : str
        Name in tables and figures.
    order : int
        Place in tables, ascending. Methods of the same order follow by name.
    citation, objective : str
        The source, and the formula that a fit minimizes.
    grid : callable
        ``grid(problem, context, options, n_points)`` returns a list of `Point`, strongest regularization
        first.
    fit : callable
        ``fit(problem, params, context, options)`` returns a `Fit`.
    axes : tuple of Axis
        The hyper-parameters of the grid that have ends. Where validation chooses one, the grid is extended
        (`amtl.methods._axes`).
    extend : callable or None
        ``extend(problem, context, options, params, end, count)`` returns the `count` points of the next value
        of the method's fixed axis beyond `params`, at its "low" or "high" end.
    hyperparameters : dict
        What each hyper-parameter of a point is: {name: sentence}.
    options : dict
        JSON-schema properties of the method's own options. Each has a default.
    defaults : dict
        Defaults of the common options ``fit_loss`` and ``intercept`` where they are the method's own.
    init : MethodSpec or None
        The method whose tuned weights this one starts from.
    applies_to : tuple of str
        The kinds of split that the method applies to.
    needs_truth : bool
        Whether the method needs the weights that generated the data.
    needs_similarity : bool
        Whether the method needs the similarity of the tasks that generated the data.
    sees : callable or None
        For a method whose weights are not linear ones (d, T): ``sees(split, part, options, like)`` returns
        the problem that the method sees of a part of a split, such as `amtl.two_mtl.problem.SharingProblem`
        or `amtl.networks.problem.NetworkProblem`.
        like : that of the training rows, or None.
    control : bool
        Whether the method is a reference level for the others, listed after them.
    iterative : bool
        Whether the trace of a fit is one objective that falls from iteration to iteration.
    rotation_invariant : callable
        ``rotation_invariant(options)`` returns whether an orthogonal change of the features changes the
        weights by the same. Then rows fewer than features determine the weights within their span.
    learns : tuple of str
        What its fits hold besides the weights, of `LEARNED`.
    needs_rows : callable
        ``needs_rows(options)`` returns why every task needs training rows; or None where the objective
        determines the weights of a task without rows by those of the others.
    ordered : bool
        Whether the order of the tasks matters.
    same_as : callable or None
        ``same_as(problem, options)`` returns the name of the method that this one is on the given training
        rows, or None. Its grid and its fits are then those of that method with the same options.
    equivalent_to : callable or None
        ``equivalent_to(options)`` returns the name of a method that has the same solutions over all
        strengths, by another hyper-parameter, or None. Rankings count the two once.
    """

    name: str
    title: str
    order: int
    citation: str
    objective: str
    grid: Callable
    fit: Callable
    axes: tuple[Axis, ...] = ()
    extend: Callable | None = None
    hyperparameters: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    init: "MethodSpec | None" = None
    applies_to: tuple[str, ...] = KINDS
    needs_truth: bool = False
    needs_similarity: bool = False
    sees: Callable | None = None
    control: bool = False
    iterative: bool = False
    rotation_invariant: Callable = _always
    learns: tuple[str, ...] = ()
    needs_rows: Callable = _needs_rows
    ordered: bool = False
    same_as: Callable | None = None
    equivalent_to: Callable | None = None

    @property
    def can_borrow(self) -> bool:
        """Whether the method can, with some options, fit a task without training rows."""
        return self.needs_rows is not _needs_rows

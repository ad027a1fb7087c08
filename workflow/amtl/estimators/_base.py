"""What all estimators share: fit at given strengths or along a path, and predict."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from amtl.errors import InputError
from amtl.estimators._data import Features, Targets
from amtl.estimators._folds import folds_of, labels_of, probabilities_of
from amtl.estimators._path import default_strengths, start_context
from amtl.estimators._tasks import Rows, rows_to_predict, training_rows
from amtl.methods._check import check_option
from amtl.methods._fit import Context
from amtl.methods._spec import MethodSpec
from amtl.model_selection import fit_at, tune_on_folds
from amtl.problem import FIT_LOSSES, INTERCEPTS

# The names of the fit that seed its random starts, after the seed itself.
SEED_NAMES = ("estimator", 1)


@dataclass
class Prepared:
    """The rows of a fit as they were given, and as the method sees them."""

    rows: Rows
    spec: MethodSpec
    options: dict
    context: Context
    features: Features
    targets: Targets
    Z: np.ndarray
    loss: str

    def problem(self, rows=None):
        """Return the `MultiTaskProblem` of the `rows` (all by default)."""
        rows = np.arange(len(self.Z)) if rows is None else np.asarray(rows)
        given = {
            "loss": self.loss,
            "fit_loss": self.options["fit_loss"],
            "intercept": self.options["intercept"],
        }
        return self.targets.problem(self.Z, rows, **given)


class MultiTaskEstimator(BaseEstimator):
    """Base of the estimators. `spec` is the method, and a class attribute."""

    spec = None

    def _fit_weights(self, prepared):
        """Fit at the strengths of the estimator; return the `Fit`."""
        spec, problem = prepared.spec, prepared.problem()
        context, rho = start_context(
            spec, problem, prepared.context, prepared.options, getattr(self, "rho", None)
        )
        given = {name: getattr(self, name) for name in spec.hyperparameters}
        params = default_strengths(spec, problem, context, prepared.options, given)
        self.strengths_ = {**({} if rho is None else {"rho": rho}), **params}
        return fit_at(spec, problem, params, prepared.context, prepared.options, {"rho": rho})

    def fit(self, X, y, task=None):
        """Fit all tasks together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of T array-likes of shape (n_t, d)
            The rows, as one table or as one table per task.
        y : array-like of shape (n,) or (n, T), or list or dict of T array-likes of shape (n_t,)
            The targets, in the same form. Without `task` every column, or every class of more than two, is a
            task on shared rows.
        task : array-like of shape (n,), optional
            The task of each row of a single table: any labels, numbers or texts.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For invalid rows, options or strengths. The message names the task and says what to do.
        """
        prepared = self._prepare(X, y, task)
        fit = self._fit_weights(prepared)
        has_intercept = prepared.options["intercept"] != "none"
        self.coef_, self.intercept_ = prepared.features.coefficients(fit.W, has_intercept)
        self.intercept_ = self.intercept_ + prepared.targets.offsets
        self.converged_, self.n_iter_ = bool(fit.converged), int(fit.iterations)
        self.objective_, self.kkt_residual_ = float(fit.objective[-1]), float(fit.residual)
        for name, value in {"graph": fit.B, "order": fit.order, **fit.learned}.items():
            if name == "parts":
                value = np.array([prepared.features.coefficients(part, False)[0] for part in value])
            if name == "dictionary":
                value = prepared.features.coefficients(value, False)[0]
            if name == "cells":
                value = prepared.features.coefficients(value, has_intercept)[0]
            if value is not None:
                setattr(self, f"{name}_", value)
        if not self.converged_:
            warnings.warn(
                f"{type(self).__name__} did not converge: residual {fit.residual:.1e} after {fit.iterations} "
                "iterations; raise max_iter, or regularize more",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _prepare(self, X, y, task):
        spec, options = self.spec, self._options()
        rows = training_rows(self, X, y, task, numeric=self._numeric)
        y = self._encode(rows)
        self.tasks_ = np.array(rows.names)
        shared = rows.codes is None
        if shared and "one-vs-rest" not in spec.applies_to:
            raise InputError(f"{type(self).__name__} does not apply to tasks on shared rows; give task")
        loss = getattr(self, "loss", "squared")
        features = Features(rows.X, self.standardize, reduce=spec.rotation_invariant(options))
        centre = loss == "squared" and self._numeric and options["intercept"] == "free"
        targets = Targets(y, rows.codes, len(rows.names), centre)
        seed = self.random_state
        if not isinstance(seed, (int, np.integer)):
            seed = 0 if seed is None else int(check_random_state(seed).randint(2**31 - 1))
        context = Context(self.tol, self.max_iter, seed=(int(seed), *SEED_NAMES, spec.name))
        return Prepared(rows, spec, options, context, features, targets, features.transform(rows.X), loss)

    def _options(self):
        """Return all options of the method; raise InputError for an invalid value of any parameter."""
        spec, name = self.spec, type(self).__name__
        checked = {**spec.options, **COMMON_OPTIONS}
        options = {}
        for option, schema in checked.items():
            if option in spec.hyperparameters:
                options[option] = None
                continue
            options[option] = getattr(self, option)
            check_option(name, option, options[option], schema)
        for key in ({*spec.hyperparameters, "rho"} & self.get_params().keys()) - {"k"}:
            check_option(name, key, getattr(self, key), POSITIVE)
        if hasattr(self, "k"):
            check_option(name, "k", self.k, {"type": ["integer", "null"], "minimum": 1})
        for key, schema in OTHERS.items():
            if key in self.get_params():
                check_option(name, key, getattr(self, key), schema)
        return options

    def _scores(self, X, task):
        """Return (scores, tasks and sizes of a list, or None) of the rows `X`."""
        check_is_fitted(self)
        X, codes, of_list = rows_to_predict(self, X, task, self.tasks_.tolist(), not self.shared_)
        if codes is None:
            return X @ self.coef_.T + self.intercept_, None
        return np.einsum("nd,nd->n", X, self.coef_[codes]) + self.intercept_[codes], of_list

    def to_networkx(self, threshold=0.0):
        """Return the learned graph as a `networkx.DiGraph`, with the edges whose weight exceeds `threshold`.

        Nodes are the names in `tasks_`; the attribute ``weight`` of an edge from s to t is `graph_[s, t]`. It
        needs the package networkx.
        """
        check_is_fitted(self, "graph_")
        import networkx as nx

        graph = nx.DiGraph()
        names = self.tasks_.tolist()
        graph.add_nodes_from(names)
        for s, t in np.argwhere(self.graph_ > threshold):
            graph.add_edge(names[s], names[t], weight=float(self.graph_[s, t]))
        return graph


def _split(values, of_list):
    """Return `values` (n, ...) in the form of the list or dict that was predicted, or as they are."""
    if of_list is None:
        return values
    return np.split(values, np.cumsum(of_list[1])[:-1])


def _stacked(y, predicted):
    """Return targets and predictions of all rows together."""
    if not isinstance(predicted, list):
        return y, predicted
    ys = y.values() if isinstance(y, Mapping) else y
    return np.concatenate([np.asarray(each) for each in ys]), np.concatenate(predicted)


class Regressor(MultiOutputMixin, RegressorMixin, MultiTaskEstimator):
    """Base of the regressors."""

    _numeric = True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = "one-vs-rest" in self.spec.applies_to
        return tags

    def _encode(self, rows):
        self.shared_ = rows.codes is None
        return rows.y

    def predict(self, X, task=None):
        """Return the predictions (n,), or (n, T) on shared rows, or one array per task for a list.

        X, task : as for `fit`.
        """
        return _split(*self._scores(X, task))

    def score(self, X, y, task=None, sample_weight=None):
        """Return R^2 of the predictions on all rows together.

        X, y, task : as for `fit`. sample_weight : (n,) weights of the rows.
        """
        return r2_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight)


class Classifier(ClassifierMixin, MultiTaskEstimator):
    """Base of the classifiers."""

    _numeric = False

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = "one-vs-rest" in self.spec.applies_to
        return tags

    def _encode(self, rows):
        """Return labels in {0, 1}, or -1 and 1 for the squared loss; a column per class on shared rows."""
        if rows.y.ndim == 2:
            raise InputError("y has several columns; a classifier takes one column of labels")
        check_classification_targets(rows.y)
        self.classes_, codes = np.unique(rows.y, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"y has one class only, {self.classes_[0]!r}; a classifier needs two")
        single = len(rows.names) == 1
        if len(self.classes_) > 2:
            if not single:
                raise InputError(
                    f"y has {len(self.classes_)} classes in {len(rows.names)} tasks; give two classes, "
                    "or leave out task: then each class is a task"
                )
            rows.codes, rows.names = None, self.classes_.tolist()
            codes = (codes[:, None] == np.arange(len(self.classes_))).astype(float)
        else:
            for t, name in enumerate(rows.names):
                found = np.unique(codes[rows.codes == t])
                if len(found) < 2:
                    raise InputError(
                        f"task {name!r} has rows of one class only, {self.classes_[found[0]]!r}; "
                        "leave out the task"
                    )
        self.shared_ = rows.codes is None
        return 2.0 * codes - 1.0 if self.loss == "squared" else codes.astype(float)

    def decision_function(self, X, task=None):
        """Return the scores: (n,), positive for the second class; (n, number of classes) on shared rows.

        X, task : as for `fit`. One array per task for a list.
        """
        return _split(*self._scores(X, task))

    def predict(self, X, task=None):
        """Return the labels (n,), or one array per task for a list.

        X, task : as for `fit`. On shared rows the class of the largest score; ties go to the first.
        """
        scores, of_list = self._scores(X, task)
        return _split(labels_of(scores, self.classes_), of_list)

    @available_if(lambda self: self.loss == "logistic")
    def predict_proba(self, X, task=None):
        """Return the probabilities (n, number of classes), or one array per task for a list.

        X, task : as for `fit`. On shared rows those of every class against the rest, divided by their sum.
        The squared loss gives no probabilities.
        """
        scores, of_list = self._scores(X, task)
        return _split(probabilities_of(scores), of_list)

    def score(self, X, y, task=None, sample_weight=None):
        """Return the share of correct labels on all rows together.

        X, y, task : as for `fit`. sample_weight : (n,) weights of the rows.
        """
        return accuracy_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight)


class TunedMixin:
    """The CV forms: the strengths are chosen by cross-validation along the paths of the method's grid."""

    def _fit_weights(self, prepared):
        folds = folds_of(self, prepared)
        # A single fold leaves rows out that no other one trains on.
        whole = folds[0].train if len(folds) == 1 else prepared.problem()
        refit = prepared.problem() if self.refit else None
        tuned = tune_on_folds(
            prepared.spec,
            folds,
            whole,
            refit,
            prepared.context,
            prepared.options,
            self.n_points,
            [str(name) for name in prepared.rows.names],
        )
        self.grid_, self.best_index_ = tuned.grid, tuned.chosen
        self.strengths_ = dict(tuned.fit.params)
        self.best_score_ = -tuned.grid[tuned.chosen]["validation_metric"]
        self.at_edge_ = list(tuned.edges)
        return tuned.fit


POSITIVE = {"type": ["number", "null"], "exclusiveMinimum": 0}
COMMON_OPTIONS = {
    "fit_loss": {"enum": FIT_LOSSES},
    "intercept": {"enum": INTERCEPTS},
}
OTHERS = {
    "loss": {"enum": ["logistic", "squared"]},
    "standardize": {"enum": [True, False]},
    "tol": {"type": "number", "exclusiveMinimum": 0},
    "max_iter": {"type": "integer", "minimum": 1},
    "n_points": {"type": "integer", "minimum": 1},
    "refit": {"enum": [True, False]},
}

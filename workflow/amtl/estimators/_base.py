"""What all estimators share: fit at given strengths or along a path, and predict."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import find
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from amtl._arrays import cannot_be_squared, check_finite_sizes
from amtl.errors import InputError
from amtl.estimators._data import Features, Targets
from amtl.estimators._folds import folds_of, labels_of, probabilities_of
from amtl.estimators._path import default_strengths, start_context
from amtl.estimators._tasks import Rows, check_labels, rows_to_predict, training_rows
from amtl.estimators._types import ByTask, Predicted, Scores
from amtl.methods._check import check_option, check_rows
from amtl.methods._fit import Context
from amtl.methods._options import COMMON
from amtl.methods._spec import MethodSpec
from amtl.model_selection import fit_at, tune_on_folds

if TYPE_CHECKING:
    import networkx

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

    spec: ClassVar[MethodSpec]

    # With scikit-learn's metadata routing every method asks for the tasks, if any are given.
    __metadata_request__fit: ClassVar[dict] = {"task": True}
    __metadata_request__predict: ClassVar[dict] = {"task": True}
    __metadata_request__score: ClassVar[dict] = {"task": True}

    @property
    def _takes_shared_rows(self):
        return "one-vs-rest" in self.spec.applies_to

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

    def fit(self, X: ByTask, y: ByTask, task: ArrayLike | None = None) -> Self:
        """Fit all tasks together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of T array-likes of shape (n_t, d)
            The rows, as one table or as one table per task. Some methods take tasks without rows, as tables
            of shape (0, d).
        y : array-like of shape (n,) or (n, T), or list or dict of T array-likes of shape (n_t,)
            The targets, in the same form. Without `task` every column, or every class of more than two, is a
            task on shared rows.
        task : array-like of shape (n,), optional
            The task of each row of a single table: any labels, numbers or texts.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            For invalid rows, options or strengths. The message names the task and says what to do.
        TypeError
            For sparse arrays.
        """
        prepared = self._prepare(X, y, task)
        fit = self._fit_weights(prepared)
        has_intercept = prepared.options["intercept"] != "none"
        self.coef_, self.intercept_ = prepared.features.coefficients(fit.W, has_intercept)
        self.intercept_ = self.intercept_ + prepared.targets.offsets
        # scikit-learn counts at least one iteration, also for a closed form.
        self.converged_, self.n_iter_ = bool(fit.converged), max(int(fit.iterations), 1)
        self.objective_, self.kkt_residual_ = float(fit.objective[-1]), float(fit.residual)
        for name, value in {"graph": fit.B, "order": fit.order, **fit.learned}.items():
            # A free intercept has no penalty, so that it is in no part and in no dictionary.
            penalized = prepared.options["intercept"] == "feature"
            if name == "parts":
                value = np.array([prepared.features.coefficients(part, penalized)[0] for part in value])
            if name == "dictionary":
                value = prepared.features.coefficients(value, penalized)[0]
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
        if rows.codes is not None:
            check_rows(spec, options, np.bincount(rows.codes, minlength=len(rows.names)), rows.names)
        check_finite_sizes(rows.X, "features", names=getattr(self, "feature_names_in_", None))
        y = self._encode(rows)
        _check_targets(rows, y)
        self.tasks_ = np.array(rows.names)
        shared = rows.codes is None
        if shared and not self._takes_shared_rows:
            raise InputError(f"{type(self).__name__} does not apply to tasks on shared rows; give task")
        loss = getattr(self, "loss", "squared")
        features = Features(rows.X, self.standardize, reduce=spec.rotation_invariant(options))
        centre = loss == "squared" and self._numeric and options["intercept"] == "free"
        targets = Targets(y, rows.codes, len(rows.names), centre)
        seed = seed_of(self.random_state)
        context = Context(self.tol, self.max_iter, seed=(seed, *SEED_NAMES, spec.name))
        return Prepared(rows, spec, options, context, features, targets, features.transform(rows.X), loss)

    def _options(self):
        """Return all options of the method; raise InputError for an invalid value of any parameter."""
        for key, schema in self._parameters.items():
            if "type" in schema or "enum" in schema:
                check_option(type(self).__name__, key, getattr(self, key), schema)
        options = {**self.spec.options, **COMMON}
        return {key: None if key in self.spec.hyperparameters else getattr(self, key) for key in options}

    def _scores(self, X, task):
        """Return (scores, tasks and sizes of a list, or None) of the rows `X`."""
        check_is_fitted(self)
        X, codes, of_list = rows_to_predict(self, X, task, self.tasks_.tolist(), not self.shared_)
        if codes is None:
            return X @ self.coef_.T + self.intercept_, None
        return np.einsum("nd,nd->n", X, self.coef_[codes]) + self.intercept_[codes], of_list

    def to_networkx(self, threshold: float = 0.0) -> "networkx.DiGraph":
        """Return the learned graph for the package networkx, which must be installed.

        Parameters
        ----------
        threshold : float
            Edges have a larger weight.

        Returns
        -------
        networkx.DiGraph
            Nodes are the names in `tasks_`; the attribute ``weight`` of the edge from s to t is
            ``graph_[s, t]``.

        Raises
        ------
        ImportError
            If networkx is not installed.
        """
        check_is_fitted(self, "graph_")
        try:
            import networkx as nx
        except ImportError:
            raise ImportError(
                "to_networkx needs networkx (pip install networkx); graph_ is the graph as an array"
            ) from None
        graph = nx.DiGraph()
        names = self.tasks_.tolist()
        graph.add_nodes_from(names)
        for s, t, weight in zip(*find(self.graph_), strict=True):
            if weight > threshold:
                graph.add_edge(names[s], names[t], weight=float(weight))
        return graph


def seed_of(random_state):
    """Return the seed that a `random_state` of scikit-learn stands for; 0 for None."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return 0 if random_state is None else int(check_random_state(random_state).randint(2**31 - 1))


def _check_targets(rows, y):
    """Raise InputError that names the task whose targets are too large or too small to be squared."""
    if rows.codes is None:
        return
    largest = np.zeros(len(rows.names))
    np.maximum.at(largest, rows.codes, np.abs(y))
    for t in np.flatnonzero(cannot_be_squared(largest)):
        check_finite_sizes(y[rows.codes == t], "targets", f"task {rows.names[t]!r}: ")


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
    # An empty array would change the type of labels.
    return np.concatenate([np.asarray(each) for each in ys if len(each)]), np.concatenate(predicted)


class Regressor(MultiOutputMixin, RegressorMixin, MultiTaskEstimator):
    """Base of the regressors."""

    _numeric = True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self._takes_shared_rows
        tags.regressor_tags.poor_score = self.spec.control
        return tags

    def _encode(self, rows):
        self.shared_ = rows.codes is None
        return rows.y

    def predict(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the predictions.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,) or (n, T), or list of ndarrays of shape (n_t,)
            (n, T) on shared rows; a list for a list or dict, in its order.
        """
        return _split(*self._scores(X, task))

    def score(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return R^2 of the predictions on all rows together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `predict`.
        y : array-like of shape (n,) or (n, T), or list or dict of array-likes of shape (n_t,)
            The targets, in the same form.
        task : array-like of shape (n,), optional
            The task of each row.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            R^2; its mean over tasks on shared rows.
        """
        return float(r2_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight))


class Classifier(ClassifierMixin, MultiTaskEstimator):
    """Base of the classifiers."""

    _numeric = False
    __metadata_request__decision_function: ClassVar[dict] = {"task": True}
    __metadata_request__predict_proba: ClassVar[dict] = {"task": True}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = self._takes_shared_rows
        tags.classifier_tags.poor_score = self.spec.control
        return tags

    def _encode(self, rows):
        """Return labels in {0, 1}, or -1 and 1 for the squared loss; a column per class on shared rows."""
        if rows.y.ndim == 2:
            raise InputError("y has several columns; a classifier takes one column of labels")
        check_labels(rows.y, "y", "drop the row, or give its label")
        check_classification_targets(rows.y)
        self.classes_, codes = np.unique(rows.y, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"y has one class only, {self.classes_.tolist()[0]!r}; a classifier needs two")
        single = len(rows.names) == 1
        if len(self.classes_) > 2:
            if not self._takes_shared_rows:
                raise InputError(
                    f"Only binary classification is supported. y has {len(self.classes_)} classes; give two"
                )
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
                if len(found) == 1:
                    raise InputError(
                        f"task {name!r} has rows of one class only, {self.classes_.tolist()[found[0]]!r}; "
                        "leave out the task"
                    )
        self.shared_ = rows.codes is None
        return 2.0 * codes - 1.0 if self.loss == "squared" else codes.astype(float)

    def decision_function(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the scores of the classes.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,) or (n, number of classes), or list of ndarrays of shape (n_t,)
            Positive for the second class; on shared rows a column per class. A list for a list or dict.
        """
        return _split(*self._scores(X, task))

    def predict(self, X: ByTask, task: ArrayLike | None = None) -> Predicted:
        """Return the labels.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,), or list of ndarrays of shape (n_t,)
            The class of the largest score; ties go to the first. A list for a list or dict, in its order.
        """
        scores, of_list = self._scores(X, task)
        return _split(labels_of(scores, self.classes_), of_list)

    @available_if(lambda self: self.loss == "logistic")
    def predict_proba(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the probabilities of the classes. The squared loss gives none.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n, number of classes), or list of ndarrays of shape (n_t, number of classes)
            On shared rows those of every class against the rest, divided by their sum. A list for a list or
            dict, in its order.
        """
        scores, of_list = self._scores(X, task)
        return _split(probabilities_of(scores), of_list)

    def score(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the share of correct labels on all rows together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `predict`.
        y : array-like of shape (n,), or list or dict of array-likes of shape (n_t,)
            The labels, in the same form.
        task : array-like of shape (n,), optional
            The task of each row.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            The share.
        """
        return float(accuracy_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight))


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


# A strength of a method.
POSITIVE = {"type": ["number", "null"], "exclusiveMinimum": 0}

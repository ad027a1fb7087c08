"""The folds of the CV forms, drawn within every task, and the metric that judges on them."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv

from amtl.errors import InputError
from amtl.losses.logistic import sigmoid
from amtl.methods._check import check_rows
from amtl.model_selection import Fold
from amtl.random import generator


def folds_of(estimator, prepared):
    """Return the list of `Fold`."""
    rows = prepared.rows
    y = rows.y if rows.y.ndim == 1 else rows.y[:, 0]
    if estimator.cv is None or isinstance(estimator.cv, (int, np.integer)):
        count = 5 if estimator.cv is None else int(estimator.cv)
        if count < 2:
            raise InputError(
                f"cv={count}: give at least 2 folds, a splitter, or a list of (train, test) rows"
            )
        # Without the method's name: all methods are judged on the same folds.
        seed = prepared.context.seed[:-1]
        parts = within_tasks(rows, y, count, seed, labels=not estimator._numeric)
    else:
        cv = check_cv(estimator.cv, y, classifier=not estimator._numeric)
        parts = [(np.sort(train), np.sort(test)) for train, test in cv.split(rows.X, y)]
    _check_parts(estimator, prepared, parts)
    if not estimator.refit and len(parts) > 1:
        raise InputError("refit=False keeps the fit of the only fold, but cv has several; set refit=True")
    score = None if estimator.scoring is None else get_scorer(estimator.scoring)
    folds = []
    for train, test in parts:
        validation = prepared.problem(test)
        metric = _Metric(estimator, prepared, test, validation, score)
        folds.append(Fold(prepared.problem(train), validation, metric))
    return folds


def _check_parts(estimator, prepared, parts):
    """Raise InputError without folds, and for a fold in which there is nothing to train or to judge on."""
    if not parts:
        raise InputError(
            "cv: no task has two rows, so there are no folds; give more rows, or use the form without CV"
        )
    rows = prepared.rows
    for k, (train, test) in enumerate(parts, 1):
        if len(train) == 0 or len(test) == 0:
            raise InputError(f"cv: fold {k} has no {'training' if len(train) == 0 else 'test'} rows")
        if rows.codes is not None:
            sizes = np.bincount(rows.codes[train], minlength=len(rows.names))
            check_rows(estimator.spec, prepared.options, sizes, rows.names, f"cv: fold {k}: ")


def within_tasks(rows, y, count, seed, labels):
    """Return `count` pairs (train, test) of sorted positions: every task is cut into folds of its own.

    labels : whether the rows of each class are spread evenly. The only row of a task always trains.
    """
    fold_of = np.full(len(rows.X), -1)
    codes = np.zeros(len(rows.X), dtype=int) if rows.codes is None else rows.codes
    rng = generator(*seed, "folds")
    for t in range(codes.max() + 1):
        own = rng.permutation(np.flatnonzero(codes == t))
        if len(own) < 2:
            continue
        if labels:
            own = own[np.argsort(y[own], kind="stable")]
        fold_of[own] = np.arange(len(own)) % count
    numbers = [k for k in range(count) if (fold_of == k).any()]
    return [(np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)) for k in numbers]


class _Metric:
    """The mean over tasks of the error on validation rows: RMSE, share of wrong labels, or minus a scorer."""

    def __init__(self, estimator, prepared, test, validation, score):
        rows = prepared.rows
        self._estimator, self._validation, self._score = estimator, validation, score
        self._offsets = prepared.targets.offsets
        y = rows.y[test]
        if rows.codes is not None:
            self._y = [y[rows.codes[test] == t] for t in range(len(rows.names))]
        elif y.ndim == 2:
            self._y = list(y.T)
        else:
            self._y = y  # labels, to be compared with the largest of all scores

    def __call__(self, W):
        scores = self._validation.scores(W)
        if not isinstance(self._y, list):
            return self._error(scores, self._y)
        columns = scores if isinstance(scores, list) else scores.T
        errors = [
            self._error(z + offset, y)
            for z, offset, y in zip(columns, self._offsets, self._y, strict=True)
            if len(y)
        ]
        return float(np.mean(errors))

    def _error(self, scores, y):
        if self._score is not None:
            return -float(self._score(_given_scores(self._estimator, scores), scores.reshape(len(y), -1), y))
        if self._estimator._numeric:
            return float(np.sqrt(np.mean((scores - y) ** 2)))
        return float(np.mean(labels_of(scores, self._estimator.classes_) != y))


def labels_of(scores, classes):
    """Return the labels (n,) of scores (n,) or (n, number of classes); ties go to the first class."""
    return classes[scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(int)]


def probabilities_of(scores):
    """Return probabilities (n, number of classes) of logistic scores; those of several classes sum to one."""
    P = sigmoid(scores)
    if P.ndim == 1:
        return np.column_stack([1.0 - P, P])
    total = P.sum(axis=1, keepdims=True)
    return np.divide(P, total, out=np.full_like(P, 1.0 / P.shape[1]), where=total > 0)


def _given_scores(estimator, scores):
    if estimator._numeric:
        return _GivenPredictions(scores)
    return _GivenScores(scores, estimator.classes_)


class _GivenPredictions(RegressorMixin, BaseEstimator):
    """A regressor for scikit-learn's scorers, whose predictions are known."""

    def __init__(self, values):
        self.values = values

    def fit(self, X, y):
        return self

    def predict(self, X):
        return self.values


class _GivenScores(ClassifierMixin, BaseEstimator):
    """A classifier for scikit-learn's scorers, whose scores are known."""

    def __init__(self, values, classes):
        self.values, self.classes = values, classes

    @property
    def classes_(self):
        return self.classes

    def fit(self, X, y):
        return self

    def decision_function(self, X):
        return self.values

    def predict(self, X):
        return labels_of(self.values, self.classes)

    def predict_proba(self, X):
        return probabilities_of(self.values)

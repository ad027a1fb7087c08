"""2MTL with linear-chain CRFs, as a scikit-learn estimator."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from amtl.errors import InputError
from amtl.estimators._tasks import _codes, _labels
from amtl.two_mtl._options import SolverMixin
from amtl.two_mtl.features import encode
from amtl.two_mtl.objective import Objective

# A sentence of tokens, each with a dict or a list of features; and its labels.
Sentence = Sequence[Mapping[str, Any] | Sequence[str]]
Sentences = Sequence[Sentence] | Sequence[Sequence[Sentence]] | Mapping[Hashable, Sequence[Sentence]]
Tags = (
    Sequence[Sequence[str]] | Sequence[Sequence[Sequence[str]]] | Mapping[Hashable, Sequence[Sequence[str]]]
)


class MTLSequenceTagger(SolverMixin, BaseEstimator):
    """Second-order adaptive multi-task learning of sequences of labels, with linear-chain CRFs.

    Tasks share sentences: task t learns from those of task s with the weight A_ts, the similarity of their
    weights. It minimizes ::

        sum_t ||w_t||^2 / (2 sigma^2) - sum_s A_ts L(w_t, d_s)

    L(w, d_s) is the sum of log P(labels | sentence, w) over the sentences of task s. All tasks have the same
    features and labels, those of the training sentences of all of them.

    Parameters
    ----------
    similarity : {"rbf", "poly", "cor", "identity", "ones"} or array-like of shape (T, T), default="rbf"
        How A follows from the weights. `identity` learns single tasks, `ones` one model from all sentences.
        An array is A itself.
    C : float, default=2.0
        Divisor of A off the diagonal for `rbf`, `poly` and `cor`: larger values share less.
    sigma : float, default=1.0
        Standard deviation of the prior of the weights. CRFsuite's c2 is 1 / (2 sigma^2).
    similarity_width : float or None, default=None
        Width of `rbf`. None for half the median distance of two tasks, at each update of A: then A compares
        the tasks with each other. How alike all of them are does not show, and two tasks always have the same
        similarity.
    degree : int, default=1
        Degree of `poly`.
    n_neighbors : int or None, default=None
        Keep so many other tasks in every row of A, the most similar ones. None keeps all.
    solver : {"accelerated", "2mtl", "first-order", "batch"}, default="accelerated"
        As for `TwoMTLClassifier`.
    passes : int, default=10
        Passes over the sentences. For `2mtl` those at each A; `batch` has none.
    update_every : int, default=2
        Passes between updates of A for `accelerated` and `first-order`.
    step_rule : {"bounded", "printed", "smallest", "first-order"}, default="bounded"
        Step sizes. `printed` is the paper's rule without an upper bound, which can diverge.
    first_step : float or None, default=None
        First step size in units of 1 / (mean squared norm of a token). None to choose it on a part of the
        sentences.
    all_pairs : bool, default=False
        Whether all pairs of a feature and a label, and of two labels, have a weight, or those that occur.
        These are CRFsuite's feature.possible_states and feature.possible_transitions together.
    tol : float, default=0.01
        Largest relative change of the objective in the last pass of a converged fit.
    evaluate : bool, default=True
        Whether the trace has the objective of every pass, which costs about half a pass, or of the last ones.
    random_state : int, RandomState instance or None, default=0
        Seed of the sentences' order and the first weights. None stands for 0.
    verbose : bool, default=False
        Whether to print a line after every pass.

    Attributes
    ----------
    coef_ : ndarray of shape (T, number of weights)
        Weights; `weights_of` gives those of a task by name.
    similarity_ : ndarray of shape (T, T)
        A of the last pass.
    tasks_ : ndarray of shape (T,)
        Names of the tasks.
    classes_ : ndarray of shape (number of labels,)
        The labels.
    features_ : dict
        The features and their numbers.
    trace_ : list of dict
        An entry per pass: `pass`, `seconds`, `step` (median step size), `objective`, `gradient` (largest
        norm, relative to that at zero weights) and `similarity_change`.
    objective_ : float
        The objective at the fit.
    converged_ : bool
        Whether the last pass changed the objective by at most `tol`, and the relative gradient norm is at
        most 0.2, which is no certificate. For `batch`, whether the relative gradient norm is at most 1e-8 and
        A has settled.
    n_iter_ : int
        Number of passes.
    weights_ : ndarray of shape (T, number of weights)
        The same as `coef_`.
    first_step_ : float
        The first step size that was used.
    calls_ : int
        Number of calls of `partial_fit`, 1 after `fit`.

    See Also
    --------
    TwoMTLClassifier : The same for single labels.
    chunk_f1 : F1 score of chunks.

    References
    ----------
    X. Sun et al., 2MTL: second-order adaptive multi-task learning.

    Examples
    --------
    >>> from amtl import MTLSequenceTagger
    >>> one = [[{"word": "He"}, {"word": "runs"}], [{"word": "She"}, {"word": "reads"}]]
    >>> two = [[{"word": "He"}, {"word": "reads"}]]
    >>> labels = [["noun", "verb"], ["noun", "verb"]], [["noun", "verb"]]
    >>> tagger = MTLSequenceTagger().fit([one, two], labels)
    >>> tagger.predict([one, two])[1]
    [['noun', 'verb']]
    """

    def __init__(
        self,
        similarity: Literal["rbf", "poly", "cor", "identity", "ones"] | ArrayLike = "rbf",
        *,
        C: float = 2.0,
        sigma: float = 1.0,
        similarity_width: float | None = None,
        degree: int = 1,
        n_neighbors: int | None = None,
        solver: Literal["accelerated", "2mtl", "first-order", "batch"] = "accelerated",
        passes: int = 10,
        update_every: int = 2,
        step_rule: Literal["bounded", "printed", "smallest", "first-order"] = "bounded",
        first_step: float | None = None,
        all_pairs: bool = False,
        tol: float = 1e-2,
        evaluate: bool = True,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.similarity, self.C, self.sigma = similarity, C, sigma
        self.similarity_width, self.degree, self.n_neighbors = similarity_width, degree, n_neighbors
        self.solver, self.passes, self.update_every = solver, passes, update_every
        self.step_rule, self.first_step, self.all_pairs = step_rule, first_step, all_pairs
        self.tol, self.evaluate, self.random_state, self.verbose = tol, evaluate, random_state, verbose

    def fit(self, X: Sentences, y: Tags, task: ArrayLike | None = None) -> Self:
        """Fit all tasks together.

        Parameters
        ----------
        X : list or dict of T lists of sentences, or list of sentences with `task`
            A sentence is a list of tokens, a token a dict or a list of features. In a dict a number is the
            feature's value, a text or a list of texts stands for features of value 1. A list has the names of
            features of value 1.
        y : the labels, in the same form
            A list of texts for every sentence.
        task : array-like of shape (number of sentences,), optional
            The task of each sentence. Without it `X` and `y` have a list for every task.

        Returns
        -------
        self
            The fitted tagger.

        Raises
        ------
        InputError
            For invalid sentences, labels or parameters. It names the task, the sentence and the token.
        ImportError
            If numba is not installed.
        """
        self._check_parameters(all_pairs={"enum": (True, False)})
        names, groups, labels = _training_tasks(X, y, task)
        self.tasks_, self.features_ = np.array(names), {}
        self.classes_ = np.array(sorted({label for each in labels for tags in each for label in tags}))
        self._pairs = None
        self._solve(*self._problem(groups, labels, grow=True))
        self.coef_ = self.weights_
        return self

    def partial_fit(
        self,
        X: Sentences,
        y: Tags,
        task: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Make one pass over sentences that arrive in parts.

        The tasks, features and pairs with a weight are those of the first call: later calls leave new
        features out. The step sizes of call k are those of the first one divided by the root of k.

        Parameters
        ----------
        X : list or dict of T lists of sentences, or list of sentences with `task`
            The sentences, as for `fit`. In later calls a dict, or `task`, may have some of the tasks.
        y : the labels, in the same form
            A list of texts for every sentence.
        task : array-like of shape (number of sentences,), optional
            The task of each sentence.
        classes : array-like, optional
            All labels, if the first call does not have all of them.

        Returns
        -------
        self
            The fitted tagger.

        Raises
        ------
        InputError
            As for `fit`, and for tasks and labels that are new in a later call.
        """
        self._check_parameters(all_pairs={"enum": (True, False)})
        names, groups, labels = _training_tasks(X, y, task)
        first = not hasattr(self, "weights_")
        if first:
            self.tasks_, self.features_, self._pairs = np.array(names), {}, None
            found = {label for each in labels for tags in each for label in tags}
            self.classes_ = np.array(sorted(found)) if classes is None else np.unique(classes)
        of = dict(zip(_codes(names, self.tasks_.tolist()).tolist(), range(len(names)), strict=True))
        groups = [groups[of[t]] if t in of else [] for t in range(len(self.tasks_))]
        labels = [labels[of[t]] if t in of else [] for t in range(len(self.tasks_))]
        self._solve_part(*self._problem(groups, labels, grow=first))
        self.coef_ = self.weights_
        return self

    def _problem(self, groups, labels, grow):
        """Return the `Objective`, and which weights the similarities depend on."""
        from amtl.two_mtl.models import crf

        parts = [self._encoded(group, self.tasks_[t], grow) for t, group in enumerate(groups)]
        position = {label: k for k, label in enumerate(self.classes_.tolist())}
        codes = []
        for t, each in enumerate(labels):
            for s, tags in enumerate(each):
                for label in tags:
                    if label not in position:
                        raise InputError(
                            f"task {self.tasks_[t]!s}, sentence {s}: new label {label!r}; give all of them "
                            "as classes in the first call"
                        )
                    codes.append(position[label])
        sentences = _joined(parts, np.array(codes, dtype=np.int64))
        offsets = np.cumsum([0, *map(len, groups)])
        model = crf.CRF(
            sentences, offsets, len(self.features_), len(self.classes_), self.all_pairs, self._pairs
        )
        self._pairs = model.pairs
        decay = np.full(model.n_weights, 1.0 / self.sigma**2)
        return Objective(model, decay), np.ones(model.n_weights, dtype=bool)

    def _encoded(self, group, name, grow=False):
        return encode(group, self.features_, grow, f"task {name!s}, ")

    def predict(self, X: Sentences, task: ArrayLike | None = None) -> list:
        """Return the most probable sequences of labels.

        Parameters
        ----------
        X : list or dict of lists of sentences, or list of sentences with `task`
            The sentences, as for `fit`. A dict may have some of the tasks. Unknown features are left out.
        task : array-like of shape (number of sentences,), optional
            The task of each sentence.

        Returns
        -------
        list
            A list of labels for every sentence; with a list or dict of tasks, a list of these for every task.
        """
        return self._decoded(X, task, "predict", lambda found: self.classes_[found].tolist())

    def predict_marginals(self, X: Sentences, task: ArrayLike | None = None) -> list:
        """Return the probabilities of the labels of every token.

        Parameters
        ----------
        X : list or dict of lists of sentences, or list of sentences with `task`
            The sentences, as for `predict`.
        task : array-like of shape (number of sentences,), optional
            The task of each sentence.

        Returns
        -------
        list
            An array (number of tokens, number of labels) for every sentence; with a list or dict of tasks, a
            list of these for every task.
        """
        return self._decoded(X, task, "probabilities", lambda found: found)

    def _decoded(self, X, task, method, form):
        from amtl.two_mtl.models import crf

        check_is_fitted(self)
        keys, groups, order = _tasks(X, task, self.tasks_.tolist())
        found = []
        for t, group in zip(_codes(keys, self.tasks_.tolist()), groups, strict=True):
            if not group:
                found.append([])
                continue
            sentences = crf.Sentences(*self._encoded(group, self.tasks_[t]))
            model = crf.CRF(sentences, [0, len(group)], 0, len(self.classes_), pairs=self._pairs)
            values = getattr(model, method)(self.weights_[t], sentences)
            found.append([form(each) for each in np.split(values, sentences.offsets[1:-1])])
        if order is None:
            return found
        flat = [each for group in found for each in group]
        return [flat[place] for place in np.argsort(order, kind="stable")]

    def score(self, X: Sentences, y: Tags, task: ArrayLike | None = None) -> float:
        """Return the share of tokens with the correct label, of all tasks together.

        Parameters
        ----------
        X : list or dict of lists of sentences, or list of sentences with `task`
            The sentences, as for `predict`.
        y : the labels, in the same form
            A list of texts for every sentence.
        task : array-like of shape (number of sentences,), optional
            The task of each sentence.

        Returns
        -------
        float
            The share.
        """
        predicted = self.predict(X, task)
        _, groups, labels = _training_tasks(X, y, task)
        if task is not None:
            labels, predicted = [y], [predicted]
        pairs = [
            one == other
            for each, theirs in zip(labels, predicted, strict=True)
            for tags, found in zip(each, theirs, strict=True)
            for one, other in zip(tags, found, strict=True)
        ]
        return float(np.mean(pairs))

    def weights_of(self, task: Hashable) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
        """Return the weights of a task by name.

        Parameters
        ----------
        task : hashable
            Name of the task, one of `tasks_`.

        Returns
        -------
        state : dict
            {(feature, label): weight}.
        transition : dict
            {(label, next label): weight}.
        """
        check_is_fitted(self)
        w = self.weights_[_codes([task], self.tasks_.tolist())[0]]
        names, labels = list(self.features_), self.classes_.tolist()
        pair_offsets, pair_labels, transition = self._pairs
        feature = np.repeat(np.arange(len(names)), np.diff(pair_offsets))
        state = {
            (names[f], labels[k]): float(value)
            for f, k, value in zip(feature, pair_labels, w[: len(pair_labels)], strict=True)
        }
        found = np.argwhere(transition >= 0)
        return state, {(labels[y], labels[z]): float(w[transition[y, z]]) for y, z in found}


def _joined(parts, labels):
    """Return the encoded sentences of several tasks as one `Sentences`."""
    from amtl.two_mtl.models.crf import Sentences

    ends = np.cumsum([0] + [part[0][-1] for part in parts])
    counts = np.cumsum([0] + [part[1][-1] for part in parts])
    offsets = [part[0][1:] + end for part, end in zip(parts, ends[:-1], strict=True)]
    feature_offsets = [part[1][1:] + count for part, count in zip(parts, counts[:-1], strict=True)]
    return Sentences(
        np.concatenate([[0], *offsets]),
        np.concatenate([[0], *feature_offsets]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate([part[3] for part in parts]),
        labels,
    )


def _tasks(X, task, names):
    """Return (names, list of sentences of each task, positions of these in X, or None without `task`).

    names : those of the tasks of a list, or None.
    """
    if task is not None:
        if isinstance(X, Mapping):
            raise InputError("task is given together with a dict of tasks; leave out task")
        task = _labels(task, len(X))
        found, codes = np.unique(task, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        groups = [[X[i] for i in np.flatnonzero(codes == t)] for t in range(len(found))]
        return found.tolist(), groups, order
    if isinstance(X, Mapping):
        return list(X), list(X.values()), None
    if isinstance(X, str) or not isinstance(X, Sequence):
        raise InputError(f"X is a {type(X).__name__}; give a list of sentences per task, or a dict of them")
    names = list(range(len(X))) if names is None else names
    if len(X) != len(names):
        raise InputError(f"X has {len(X)} tasks, but the tagger was fitted to {len(names)}")
    return names, list(X), None


def _training_tasks(X, y, task):
    """Return (names, sentences of each task, labels of each task); raise InputError if they do not match."""
    names, groups, _ = _tasks(X, task, None)
    if task is None and isinstance(X, Mapping) != isinstance(y, Mapping):
        raise InputError("X and y must both be dicts of tasks, or both lists")
    if isinstance(X, Mapping) and X.keys() != y.keys():
        raise InputError("X is a dict, so y must be a dict with the same tasks")
    if len(X) != len(y):
        raise InputError(f"X has {len(X)} lists, but y has {len(y)}")
    labels = [y[name] for name in names] if isinstance(X, Mapping) else _tasks(y, task, None)[1]
    if not names:
        raise InputError("no tasks; give at least one")
    for name, group, each in zip(names, groups, labels, strict=True):
        if len(group) == 0:
            raise InputError(f"task {name!s} has no sentences; leave it out")
        if len(group) != len(each):
            raise InputError(f"task {name!s}: {len(group)} sentences, but labels of {len(each)}")
        for s, (sentence, tags) in enumerate(zip(group, each, strict=True)):
            where = f"task {name!s}, sentence {s}"
            if isinstance(tags, str):
                raise InputError(f"{where}: the labels are the text {tags!r}; give a list of labels")
            if len(sentence) != len(tags):
                raise InputError(f"{where}: {len(sentence)} tokens, but {len(tags)} labels")
            unusable = next((label for label in tags if not isinstance(label, str)), None)
            if unusable is not None:
                raise InputError(f"{where}: label {unusable!r} is not a text")
    return names, groups, labels

"""One part of a split as the methods of 2MTL see it: a model on its rows, and how well weights predict."""

import numpy as np

from amtl.metrics import auc
from amtl.splits import ALL_TASKS
from amtl.two_mtl.chunks import chunk_f1
from amtl.two_mtl.features import chunking_features, encode


class SharingProblem:
    """The rows of all tasks of a part, with logistic regression, softmax or a CRF.

    Parameters
    ----------
    split : Split
        Binary or multiclass tasks with own rows, or sequences.
    part : Part
        One of its parts.
    intercept : {"feature", "free", "none"}
        How the constant column is treated; sequences have none.
    like : SharingProblem or None
        The training rows, whose features and pairs with a weight this part has too.

    Attributes
    ----------
    model : Logistic, Softmax or CRF
        The model, bound to the rows.
    n : ndarray of shape (T,)
        Rows or sentences per task.
    kept : ndarray of bool of shape (p,)
        The weights that similarities compare: all but those of the constant column.
    penalized : ndarray of shape (p,)
        Zero for the weights of a free intercept, otherwise one.
    """

    def __init__(self, split, part, intercept="free", like=None):
        self.tasks, self.kind, self.ranked_by = split.tasks, split.kind, split.ranked_by
        self.classes = split.meta.get("classes", ["0", "1"])
        self.similarity = split.meta.get("similarity")
        self.part, self.n = part, np.diff(part.offsets)
        self.n_tasks = len(self.n)
        if split.kind == "sequence":
            self._use_sentences(split, part, like)
        else:
            self._use_table(split, part, intercept)
        self.n_features = self.model.n_weights

    def _use_table(self, split, part, intercept):
        from amtl.two_mtl.models.logistic import Logistic
        from amtl.two_mtl.models.softmax import Softmax

        X = part.X[:, :-1] if intercept == "none" else part.X
        if split.kind == "binary":
            self.model = Logistic(X, part.y, part.offsets)
        else:
            self.model = Softmax(X, part.y, part.offsets, len(self.classes))
        self._rows = X
        constant = np.zeros(self.model.shape, dtype=bool)
        constant[-1:] = intercept != "none"
        self.kept = ~constant.ravel()
        self.penalized = np.where(constant & (intercept == "free"), 0.0, 1.0).ravel()

    def _use_sentences(self, split, part, like):
        from amtl.two_mtl.models.crf import CRF, Sentences

        ends = list(zip(part.sentences[:-1], part.sentences[1:], strict=True))
        sentences = [part.X[i:j].tolist() for i, j in ends]
        if split.meta.get("template") == "chunking":
            sentences = [chunking_features(sentence) for sentence in sentences]
        self.numbers = {} if like is None else like.numbers
        encoded = encode(sentences, self.numbers, grow=like is None)
        self._rows = Sentences(*encoded, labels=part.y.astype(np.int64))
        pairs = None if like is None else like.model.pairs
        self.model = CRF(self._rows, part.offsets, len(self.numbers), len(self.classes), pairs=pairs)
        self.kept = np.ones(self.model.n_weights, dtype=bool)
        self.penalized = np.ones(self.model.n_weights)

    # --- how well weights predict -------------------------------------------------------------------------

    def mean_losses(self, W):
        """Return the mean of -log P(y | x, w_t) over the rows of every task (T,) at W (p, T)."""
        of = np.repeat(np.arange(self.n_tasks), self.n)
        values = [self.model.gradient(w, (of == t).astype(float))[0] for t, w in enumerate(W.T)]
        return -np.array(values) / self.n

    def judge(self, W):
        """Return (the number that ranks fits, the mean loss) at W (p, T); lower is better."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.primary_metric(W), float(self.mean_losses(W).mean())
        return found if np.isfinite(found).all() else (np.inf, np.inf)

    def judging(self, train):
        """Return the `SharingFold` in which this part judges fits on the problem `train`."""
        return SharingFold(train, self)

    def primary_metric(self, W):
        """Return the number that ranks fits, in %; lower is better.

        It is the mean over tasks of the share of wrong rows or tokens. With ``ranked_by`` it is the mean of
        100 (1 - AUC), without tasks of one class, or of 100 (1 - F1) of chunks.
        """
        if self.ranked_by:
            values = [value for value in self._ranked(W) if np.isfinite(value)]
            return float(np.mean(values)) if values else 50.0
        return float(np.mean(self._errors(W)))

    def evaluate(self, W):
        """Return all metrics of W (p, T), rows as those of `amtl.metrics.evaluate`.

        error : mean over tasks of the share of wrong rows or tokens in %; binary_error or task_error per
        task. auc_loss, f1_loss : per task, and their mean, if the split is ranked by it. log_loss : mean over
        tasks of the mean loss.
        """
        errors = self._errors(W)
        rows = [(ALL_TASKS, "error", float(np.mean(errors)))]
        name = "binary_error" if self.kind == "binary" else "task_error"
        rows += [(task, name, error) for task, error in zip(self.tasks, errors, strict=True)]
        if self.ranked_by:
            ranked = zip(self.tasks, self._ranked(W), strict=True)
            rows += [(task, self.ranked_by, value) for task, value in ranked if np.isfinite(value)]
            rows.append((ALL_TASKS, self.ranked_by, self.primary_metric(W)))
        rows.append((ALL_TASKS, "log_loss", float(self.mean_losses(W).mean())))
        return [{"task": task, "metric": metric, "value": float(value)} for task, metric, value in rows]

    def predictions(self, W):
        """Return the predicted classes of the rows or tokens of all tasks, one array per task."""
        return [self.model.predict(w, rows) for w, (rows, _) in zip(W.T, self._by_task, strict=True)]

    @property
    def _by_task(self):
        """(rows or sentences, numbers of their classes) of every task."""
        found = []
        for first, last in zip(self.part.offsets[:-1], self.part.offsets[1:], strict=True):
            if self.kind != "sequence":
                found.append((self._rows[first:last], self.part.y[first:last].astype(int)))
                continue
            i, j = self.part.sentences[first], self.part.sentences[last]
            found.append((self._sentences(first, last), self.part.y[i:j].astype(int)))
        return found

    def _sentences(self, first, last):
        """Return sentences `first` to `last` - 1."""
        s = self._rows
        i, j = s.offsets[first], s.offsets[last]
        a, b = s.feature_offsets[i], s.feature_offsets[j]
        return type(s)(
            s.offsets[first : last + 1] - i, s.feature_offsets[i : j + 1] - a, s.features[a:b], s.values[a:b]
        )

    def _errors(self, W):
        found = zip(self.predictions(W), self._by_task, strict=True)
        return [100.0 * float(np.mean(predicted != true)) for predicted, (_, true) in found]

    def _ranked(self, W):
        """Return 100 (1 - AUC) or 100 (1 - F1) of every task."""
        if self.ranked_by == "auc_loss":
            found = zip(W.T, self._by_task, strict=True)
            return [100.0 * (1.0 - auc(X @ w, y > 0)) for w, (X, y) in found]
        return [
            100.0 * (1.0 - chunk_f1(self._labels(t, true), self._labels(t, predicted)))
            for t, (predicted, (_, true)) in enumerate(zip(self.predictions(W), self._by_task, strict=True))
        ]

    def _labels(self, t, codes):
        """Return the labels of the sentences of task t, as lists of texts."""
        ends = self.part.sentences[self.part.offsets[t] : self.part.offsets[t + 1] + 1]
        names = np.array(self.classes)[codes]
        return [each.tolist() for each in np.split(names, ends[1:-1] - ends[0])]


class SharingFold:
    """Training rows, and the rows that judge a fit; `amtl.model_selection.Fold` is that of linear methods."""

    def __init__(self, train, validation):
        self.train, self.validation = train, validation

    def judge(self, W):
        """Return (metric, loss) on the rows that judge a fit."""
        return self.validation.judge(W)

    def agree(self, W, other):
        """Return whether two weights predict the same classes of all rows."""
        pairs = zip(self.validation.predictions(W), self.validation.predictions(other), strict=True)
        return all(np.array_equal(one, two) for one, two in pairs)

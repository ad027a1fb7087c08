"""A linear-chain CRF on all sentences of CoNLL-2000: 2MTL-F with one task, and CRFsuite.

All contenders take the same features as lists of texts, have the same weights and the same penalty, and stop
after a number of passes, which is their level. So their objectives differ. A pass is one over all training
sentences; an iteration of L-BFGS has at least one. 2MTL-F and l2sgd choose their first step on a part of the
training sentences, and this time counts. The judge takes the weights, whoever found them.

`pass_seconds` among the counts is the time of one pass alone, without the choice of the first step and the
encoding of the features, in CPU seconds, as CRFsuite's own clock counts them.
"""

import re
import tempfile
import time
from pathlib import Path

import numpy as np

from amtl.problem import join_parts
from amtl.two_mtl.chunks import chunk_f1
from amtl.two_mtl.features import chunking_features, encode
from workbench.benchmark import data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender

SIGMA = 1.0
# F1 of chunks to reach on the test sentences.
TARGET_F1 = 0.935
# Passes of the setting that compares single passes.
PASSES = 5
# Passes to reach the F1, fewest first.
LEVELS = (*range(1, 11), 12, 14, 17, 20, 24, 29, 35, 42, 50, 60, 72, 86, 103)


def settings(sources):
    """Return the problem with a fixed number of passes, and with an F1 to reach."""
    (source,) = sources.values()
    split, _ = data.read_source(source)
    given = {"classes": np.array(split.meta["classes"])}
    parts = {"train": join_parts(split.train, split.validation, 1), "test": split.test}
    for name, part in parts.items():
        given |= {f"{name}_tokens": part.X, f"{name}_labels": part.y.astype(np.int64)}
        given[f"{name}_sentences"] = part.sentences
    return {
        f"{PASSES} passes": given | {"f1": 0.0, "passes": PASSES},
        f"F1 {100.0 * TARGET_F1:g}": given | {"f1": TARGET_F1, "passes": 0},
    }


def contenders(given):
    """Return 2MTL-F with one task, and the two solvers of CRFsuite."""
    levels = (given["passes"],) if given["passes"] else LEVELS
    return [
        Contender("ours", lambda: _ours(given), levels=levels),
        *(
            Contender(f"CRFsuite {name}", lambda name=name: _crfsuite(given, name), "pycrfsuite", levels)
            for name in ("l2sgd", "lbfgs")
        ),
    ]


def judge(given):
    """Return the judge of weights: the objective, and what the F1 lacks.

    The result is our weights, or a model of CRFsuite as bytes.
    """
    numbers = {}
    objective = _objective(given, _features(given, "train"), numbers)
    rows = _encoded(given, "test", _features(given, "test"), numbers, grow=False)
    true = _label_lists(given, "test")

    def evaluate(result):
        w = _weights(given, result, numbers, objective.model) if isinstance(result, bytes) else result
        found = given["classes"][objective.model.predict(w, rows)]
        f1 = chunk_f1(true, [each.tolist() for each in np.split(found, rows.offsets[1:-1])])
        return objective.task_gradient(w, np.ones(1))[0], max(given["f1"] - f1, 0.0)

    return evaluate


def _features(given, part):
    """Return the features of all sentences of a part, as lists of texts."""
    ends = given[f"{part}_sentences"][1:-1]
    return [chunking_features(tokens.tolist()) for tokens in np.split(given[f"{part}_tokens"], ends)]


def _label_lists(given, part):
    names = given["classes"][given[f"{part}_labels"]]
    return [each.tolist() for each in np.split(names, given[f"{part}_sentences"][1:-1])]


def _encoded(given, part, features, numbers, grow):
    from amtl.two_mtl.models.crf import Sentences

    return Sentences(*encode(features, numbers, grow), labels=given[f"{part}_labels"])


def _objective(given, features, numbers):
    """Return the `Objective` of the training sentences; `numbers` receives those of the features."""
    from amtl.two_mtl.models.crf import CRF
    from amtl.two_mtl.objective import Objective

    sentences = _encoded(given, "train", features, numbers, grow=True)
    model = CRF(sentences, [0, len(features)], len(numbers), len(given["classes"]))
    return Objective(model, np.full(model.n_weights, 1.0 / SIGMA**2))


def _ours(given):
    from amtl.two_mtl.solvers import fit_online

    features = _features(given, "train")

    def run(tolerance, limit):
        passes = int(tolerance)
        objective = _objective(given, features, {})
        ends = []
        fit = fit_online(
            objective, lambda W: np.eye(1), passes, evaluate=False,
            callback=lambda entry: ends.append(time.process_time()),
        )  # fmt: skip
        counts = {"iterations": passes}
        # The objective is evaluated after the last two passes.
        if passes > 3:
            counts["pass_seconds"] = (ends[-3] - ends[0]) / (passes - 3)
        return Answer(fit.W[0], counts)

    return run


def _crfsuite(given, algorithm):
    import pycrfsuite

    features, labels = _features(given, "train"), _label_lists(given, "train")
    # CRFsuite's penalty is c2 ||w||^2. L-BFGS must not stop before its last iteration.
    parameters = {"c2": 1.0 / (2.0 * SIGMA**2)}
    if algorithm == "lbfgs":
        parameters |= {"epsilon": 1e-12, "delta": 1e-12}

    def run(tolerance, limit):
        trainer = pycrfsuite.Trainer(algorithm=algorithm, verbose=False)
        trainer.set_params({**parameters, "max_iterations": int(tolerance)})
        for one, other in zip(features, labels, strict=True):
            trainer.append(one, other)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model")
            trainer.train(str(path))
            model = path.read_bytes()
        # The first iteration of L-BFGS has evaluations that later ones do not need.
        taken = re.findall(r"Seconds required for this iteration: ([\d.]+)", "".join(trainer.logparser.log))
        taken = [float(each) for each in taken]
        counts = {"iterations": len(taken)}
        if len(taken) > 1:
            counts["pass_seconds"] = sum(taken[1:]) / (len(taken) - 1)
        return Answer(model, counts)

    return run


def _weights(given, content, numbers, model):
    """Return the weights (p,) of a model of CRFsuite; it leaves out those that are zero."""
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(content)
    info = tagger.info()
    of_label = {label: number for number, label in enumerate(given["classes"].tolist())}
    w = np.zeros(model.n_weights)
    for (feature, label), value in info.state_features.items():
        first, last = model.pair_offsets[numbers[feature] : numbers[feature] + 2]
        w[first + np.searchsorted(model.pair_labels[first:last], of_label[label])] = value
    for (one, other), value in info.transitions.items():
        w[model.transition[of_label[one], of_label[other]]] = value
    return w


SPEC = CaseSpec(
    title="Linear-chain CRF",
    convex=True,
    datasets=("conll-2000",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)

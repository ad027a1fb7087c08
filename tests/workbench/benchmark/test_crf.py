"""The case of the CRF: what its contenders return, and what its judge says of it."""

import numpy as np
import pytest

pytest.importorskip("numba")

from amtl.two_mtl.solvers import fit_batch  # noqa: E402
from helpers import sequences  # noqa: E402
from workbench.benchmark import data  # noqa: E402
from workbench.benchmark.cases import crf  # noqa: E402


@pytest.fixture
def settings(monkeypatch):
    """The settings of the case on simple sentences."""
    monkeypatch.setattr(data, "read_source", lambda source: (sequences.make_split(), {}))
    return crf.settings({"conll-2000": {}})


def solve(given, name, passes):
    """Return the `Answer` of a contender."""
    (contender,) = (each for each in crf.contenders(given) if each.name == name)
    return contender.make()(passes, 60.0)


def test_training_and_validation_sentences_train(settings):
    for given in settings.values():
        assert len(given["train_sentences"]) == 2 * len(given["test_sentences"]) - 1
        assert given["train_sentences"][-1] == len(given["train_tokens"]) == len(given["train_labels"])


def test_settings_are_a_number_of_passes_and_an_f1_to_reach(settings):
    fixed, reached = settings.values()
    assert {each.levels for each in crf.contenders(fixed)} == {(crf.PASSES,)} and fixed["f1"] == 0.0
    assert {each.levels for each in crf.contenders(reached)} == {crf.LEVELS}
    assert reached["f1"] == crf.TARGET_F1 and list(crf.LEVELS) == sorted(set(crf.LEVELS))


def test_the_residual_is_what_the_f1_lacks(settings):
    given = settings["F1 93.5"]
    judge = crf.judge(given)
    answer = solve(given, "ours", 10)
    assert judge(answer.result)[1] == 0.0
    n_tokens = given["train_sentences"][-1]
    objective, residual = judge(np.zeros_like(answer.result))
    assert objective == pytest.approx(n_tokens * np.log(len(sequences.CLASSES)))
    assert 0.0 < residual < crf.TARGET_F1


def test_ours_reports_its_passes(settings):
    given = settings["5 passes"]
    counts = solve(given, "ours", 5).counts
    assert counts["iterations"] == 5 and counts["pass_seconds"] > 0.0
    assert solve(given, "ours", 1).counts == {"iterations": 1}


def test_models_of_crfsuite_are_judged_by_their_weights(settings):
    pytest.importorskip("pycrfsuite")
    given = settings["F1 93.5"]
    objective = crf._objective(given, crf._features(given, "train"), {})
    best = fit_batch(objective, lambda W: np.eye(1)).objective
    judge = crf.judge(given)
    answer = solve(given, "CRFsuite lbfgs", 200)
    value, residual = judge(answer.result)
    assert value == pytest.approx(best, rel=1e-4) and residual == 0.0
    answer = solve(given, "CRFsuite l2sgd", 5)
    assert answer.counts["iterations"] == 5 and "pass_seconds" in answer.counts
    assert best <= judge(answer.result)[0] < 2.0 * best

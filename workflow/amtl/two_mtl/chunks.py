"""Chunks of label sequences in the scheme B-, I-, O, and their F1 score by the rules of conlleval.

E. Tjong Kim Sang and S. Buchholz, Introduction to the CoNLL-2000 shared task: chunking, CoNLL 2000.
"""

from collections.abc import Sequence

from amtl.errors import InputError


def chunks(labels: Sequence[str]) -> set[tuple[str, int, int]]:
    """Return the chunks (type, first token, last token + 1) of the labels of a sentence.

    A chunk begins at B-type, and at an I-type that no label of the same type precedes. It ends before the
    next O, B- or other type.

    Raises
    ------
    InputError
        For a label that is not O, B-type or I-type.
    """
    found, begin, kind = set(), 0, None
    for i, label in enumerate([*labels, "O"]):
        prefix, dash, this = label.partition("-")
        if not (label == "O" or (prefix in ("B", "I") and dash)):
            raise InputError(f"token {i}: label {label!r} is not O, B-type or I-type")
        if kind is not None and (prefix != "I" or this != kind):
            found.add((kind, begin, i))
            kind = None
        if prefix != "O" and kind is None:
            begin, kind = i, this
    return found


def chunk_f1(true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
    """Return the F1 score of the chunks of all sentences, 0 if none is right.

    Parameters
    ----------
    true, predicted : sequence of sequences of str
        The labels of every sentence.

    Returns
    -------
    float
        2 correct / (number of true chunks + number of predicted chunks). A chunk is correct if its type and
        both its ends are.

    Raises
    ------
    InputError
        If numbers of sentences or labels differ, or for a label that is not O, B-type or I-type.

    Examples
    --------
    >>> from amtl import chunk_f1
    >>> chunk_f1([["B-NP", "I-NP", "O"]], [["B-NP", "O", "O"]])
    0.0
    """
    if len(true) != len(predicted):
        raise InputError(f"{len(true)} true sentences, but {len(predicted)} predicted ones")
    correct = total = 0
    for number, (one, other) in enumerate(zip(true, predicted, strict=True)):
        if len(one) != len(other):
            raise InputError(f"sentence {number}: {len(one)} true labels, but {len(other)} predicted ones")
        one, other = chunks(one), chunks(other)
        correct += len(one & other)
        total += len(one) + len(other)
    return 2.0 * correct / total if correct else 0.0

"""Tasks with sentences of their own: the parts of a split as texts and numbers of labels."""

import numpy as np

from amtl.splits import Part


def make_part(of_task, classes):
    """Return the `Part` of one part of a split.

    of_task : list with the sentences of every task; a sentence is a list of (columns of a token, label), the
    columns a tuple of texts. classes : all labels.
    """
    code = {label: number for number, label in enumerate(classes)}
    sentences = [sentence for each in of_task for sentence in each]
    return Part(
        np.array([columns for sentence in sentences for columns, _ in sentence]),
        np.array([code[label] for sentence in sentences for _, label in sentence], dtype=float),
        np.cumsum([0, *map(len, of_task)]),
        np.cumsum([0, *map(len, sentences)]),
    )

"""CoNLL-2000 with its own training and test sentences: one task, to compare with what others report.

`conll-chunks` cuts the training sentences into tasks; here they are one task. Validation sentences are drawn
from them at random.
"""

import numpy as np

from amtl.random import generator
from amtl.splits import Split
from workbench.datasets._common import count_held_out, fraction_option
from workbench.datasets._readers.conll import ARCHIVE, TEST, TRAINING, read_sentences
from workbench.datasets._sentences import make_part
from workbench.datasets._spec import DatasetSpec


def files(options, index=None):
    """Return the archive."""
    return (ARCHIVE,)


def make_split(index, options, raw, seed):
    """Return the only split; the validation sentences are drawn from the training sentences."""
    training, test = (
        [[((word, tag), chunk) for word, tag, chunk in sentence] for sentence in sentences]
        for sentences in (read_sentences(raw[ARCHIVE], member) for member in (TRAINING, TEST))
    )
    order = generator(seed, "conll-2000", "split", index).permutation(len(training))
    held_out = count_held_out(options["validation_fraction"], len(training))
    drawn = {"train": order[held_out:], "validation": order[:held_out]}
    parts = {part: [training[k] for k in np.sort(numbers)] for part, numbers in drawn.items()}
    parts["test"] = test
    classes = sorted({label for sentence in training + test for _, label in sentence})
    meta = {
        "source": f"CoNLL-2000: {len(training):,} training and {len(test):,} test sentences",
        "note": "A row is a sentence; words and parts of speech in windows. Ranked by the F1 of chunks.",
        "classes": classes,
        "template": "chunking",
    }
    made = {part: make_part([sentences], classes) for part, sentences in parts.items()}
    return Split("conll-2000", index, SPEC.kind, ("news",), **made, ranked_by="f1_loss", meta=meta)


SPEC = DatasetSpec(
    name="conll-2000",
    title="CoNLL-2000",
    order=335,
    kind="sequence",
    make_split=make_split,
    files=files,
    splits=lambda options, available: 1,
    options=fraction_option("Share of the training sentences held out for validation."),
)

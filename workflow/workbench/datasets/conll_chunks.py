"""CoNLL-2000 chunks: phrases such as NP and VP in news text, one task per block of documents.

The training text is cut into blocks of consecutive sentences. A block is a run of whole news stories, up to
two that are cut, so that the tasks differ in topic and vocabulary, while grammar is the same. The text names
no documents, and consecutive sentences are the only trace of them. Of each block few sentences train: with
many a task needs no other.

A token has its word and its part of speech; models see them in windows (`amtl.chunking_features`).
"""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS, Split
from workbench.datasets._common import row_options
from workbench.datasets._readers.conll import ARCHIVE, TRAINING, read_sentences
from workbench.datasets._sentences import make_part
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "tasks": {"type": "integer", "minimum": 1, "default": 8, "description": "Number of blocks."},
    **row_options(100, 100, 400, "sentences per task"),
}


def files(options, index=None):
    """Return the archive."""
    return (ARCHIVE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): sentences of each block at random."""
    sentences = [
        [((word, tag), chunk) for word, tag, chunk in sentence]
        for sentence in read_sentences(raw[ARCHIVE], TRAINING)
    ]
    classes = sorted({label for sentence in sentences for _, label in sentence})
    sizes = [options[f"{part}_rows"] for part in PARTS]
    blocks = np.array_split(np.arange(len(sentences)), options["tasks"])
    if min(map(len, blocks)) < sum(sizes):
        raise InputError(
            f"conll-chunks: a block has {min(map(len, blocks))} sentences, but the parts need {sum(sizes)}; "
            "give fewer tasks or smaller parts"
        )
    names = tuple(str(t + 1) for t in range(options["tasks"]))
    parts = {part: [] for part in PARTS}
    for name, block in zip(names, blocks, strict=True):
        order = generator(seed, "conll-chunks", "split", index, name).permutation(block)
        for part, drawn in zip(PARTS, np.split(order, np.cumsum(sizes)), strict=False):
            parts[part].append([sentences[k] for k in np.sort(drawn)])
    meta = {
        "source": f"CoNLL-2000: {len(sentences):,} sentences in {len(names)} blocks",
        "note": "A row is a sentence; words and parts of speech in windows. Ranked by the F1 of chunks.",
        "test_overlap": float(np.mean([sizes[-1] / len(block) for block in blocks])),
        "classes": classes,
        "template": "chunking",
    }
    made = {part: make_part(of_task, classes) for part, of_task in parts.items()}
    return Split("conll-chunks", index, SPEC.kind, names, **made, ranked_by="f1_loss", meta=meta)


SPEC = DatasetSpec(
    name="conll-chunks",
    title="CoNLL-2000 chunks",
    order=330,
    kind="sequence",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)

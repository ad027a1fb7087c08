"""CoNLL-2000 tags: the part of speech of single words, one task per tag. A stand-in, not in the paper.

It has about as many classes and as few rows of each as the paper's AWA, which is not freely available. Its
numbers say nothing about AWA. Classes are the tags with enough tokens in the training file; of every tag
30 tokens train, 30 validate and 30 test. A word that occurs again between the same two words counts once.

Features of a token: the word in lower case, its first and last one to three letters, its shape, the words
before and after it with their last three letters. Each is hashed (CRC-32 of the text) to one of 4,096
columns, with a sign from another bit, and the columns are reduced by PCA on the training rows.
"""

import re
import zlib

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import row_options
from workbench.datasets._one_vs_rest import (
    classes_split,
    components_option,
    draw_per_class,
    overlap_per_class,
    project_parts,
    rows_in_order,
)
from workbench.datasets._readers.conll import ARCHIVE, TRAINING, read_sentences
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    **row_options(30, 30, 30, "per tag"),
    "tag_tokens": {
        "type": "integer",
        "minimum": 3,
        "default": 90,
        "description": "Tags with fewer different tokens than this are left out.",
    },
    **components_option(100),
}

COLUMNS = 4096
EDGE = ("", "")


def files(options, index=None):
    """Return the archive."""
    return (ARCHIVE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): a task per tag on shared rows, the components and the constant."""
    sentences = read_sentences(raw[ARCHIVE], TRAINING)
    found = distinct_tokens([[token[:2] for token in sentence] for sentence in sentences])
    tokens = {tag: found[tag] for tag in sorted(found) if len(found[tag]) >= options["tag_tokens"]}
    if len(tokens) < 2:
        raise InputError(
            f"conll-tags: {len(tokens)} tags have {options['tag_tokens']} tokens; lower tag_tokens"
        )
    pool = [token for group in tokens.values() for token in group]
    rows_of = rows_in_order({tag: len(group) for tag, group in tokens.items()})
    drawn = draw_per_class("conll-tags", index, seed, rows_of, options)
    rows = {part: (hash_features(pool[row] for row in chosen), y) for part, (chosen, y) in drawn.items()}
    rows = project_parts("conll-tags", rows, options["components"])
    meta = {
        "source": f"Stand-in for many classes, not in the paper. CoNLL-2000: {len(tokens)} parts of speech",
        "note": f"Hashed context, {options['components']} principal components of the training rows.",
        "test_overlap": overlap_per_class(rows_of, options),
    }
    return classes_split("conll-tags", index, tokens, rows, meta)


def distinct_tokens(sentences):
    """Return {tag: its tokens} in the order of the text, each token once.

    sentences : lists of (word, tag). A token is (word, word before, word after). Only the word keeps its
    upper case. At the ends of a sentence the neighbour is empty.
    """
    found, seen = {}, set()
    for sentence in sentences:
        context = [EDGE, *sentence, EDGE]
        for (before, _), (word, tag), (after, _) in zip(context, context[1:], context[2:], strict=False):
            token = word, before.lower(), after.lower()
            if token not in seen:
                seen.add(token)
                found.setdefault(tag, []).append(token)
    return found


def describe(word, before, after):
    """Return the features of the token `word` between its neighbours, as texts."""
    lower = word.lower()
    shape = re.sub(r"(.)\1+", r"\1", re.sub("[0-9]", "0", re.sub("[a-z]", "a", re.sub("[A-Z]", "A", word))))
    edges = [
        f"{where}{k}={lower[cut]}"
        for k in (1, 2, 3)
        for where, cut in (("<", slice(k)), (">", slice(-k, None)))
    ]
    return (
        f"word={lower}",
        *edges,
        f"shape={shape}",
        f"before={before}",
        f"before>={before[-3:]}",
        f"after={after}",
        f"after>={after[-3:]}",
    )


def hash_features(tokens):
    """Return an array (n, 4096): a feature of a token adds +1 or -1 to the column of its hash."""
    rows = []
    for token in tokens:
        row = np.zeros(COLUMNS)
        for text in describe(*token):
            code = zlib.crc32(text.encode("utf-8"))
            row[code % COLUMNS] += 1.0 if code >> 31 else -1.0
        rows.append(row)
    return np.array(rows)


SPEC = DatasetSpec(
    name="conll-tags",
    title="CoNLL-2000 tags (stand-in for many classes, not AWA)",
    order=120,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)

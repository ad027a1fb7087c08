"""Features of tokens: the templates of chunking, and their encoding as numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real

import numpy as np

from amtl.errors import InputError

# Positions of the window, relative to the token, of the single words and tags, and of n-grams.
SINGLE = range(-2, 3)
WORD_PAIRS = ((-1, 0), (0, 1))
TAG_PAIRS = ((-2, -1), (-1, 0), (0, 1), (1, 2))
TAG_TRIPLES = ((-2, -1, 0), (-1, 0, 1), (0, 1, 2))


def chunking_features(sentence: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the features of the tokens of a sentence, those of CRFsuite's chunking example.

    Parameters
    ----------
    sentence : sequence of (word, part of speech) or longer
        The tokens; further columns are ignored.

    Returns
    -------
    list of list of str
        For each token the words and tags up to two tokens away, pairs of words, pairs and triples of tags,
        and whether the sentence begins or ends there.

    Raises
    ------
    InputError
        For a token without a word and a tag.

    Examples
    --------
    >>> from amtl import chunking_features
    >>> chunking_features([("He", "PRP"), ("runs", "VBZ")])[0][:3]
    ['w[0]=He', 'w[1]=runs', 'w[0]|w[1]=He|runs']
    """
    columns = []
    for i, token in enumerate(sentence):
        if isinstance(token, str) or len(token) < 2:
            raise InputError(f"token {i}: {token!r} is not a pair (word, part of speech)")
        columns.append(token[:2])
    words, tags = [token[0] for token in columns], [token[1] for token in columns]
    found = []
    for i in range(len(columns)):
        features = []
        for name, values, patterns in (
            ("w", words, [*((k,) for k in SINGLE), *WORD_PAIRS]),
            ("pos", tags, [*((k,) for k in SINGLE), *TAG_PAIRS, *TAG_TRIPLES]),
        ):
            for pattern in patterns:
                if 0 <= i + pattern[0] and i + pattern[-1] < len(columns):
                    where = "|".join(f"{name}[{k}]" for k in pattern)
                    features.append(f"{where}={'|'.join(values[i + k] for k in pattern)}")
        if i == 0:
            features.append("__BOS__")
        if i == len(columns) - 1:
            features.append("__EOS__")
        found.append(features)
    return found


def token_features(token: Mapping | Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield (name, value) of the features of a token.

    A list of texts gives each the value 1. In a dict, a number gives (key, number), True and False 1 and 0, a
    text gives ("key:text", 1), and a list or set of texts one such feature for each.

    Raises ValueError for other values, and for numbers that are not finite.
    """
    if isinstance(token, str):
        raise ValueError(f"{token!r} is a text, not a list of texts or a dict")
    if not isinstance(token, Mapping):
        if not isinstance(token, Iterable):
            raise ValueError(f"{token!r} is no list of texts and no dict")
        for name in token:
            if not isinstance(name, str):
                raise ValueError(f"feature {name!r} of a list is not a text; use a dict for values")
            yield name, 1.0
        return
    for key, value in token.items():
        if isinstance(value, str):
            yield f"{key}:{value}", 1.0
        elif isinstance(value, (Real, np.bool_)):
            if not np.isfinite(value):
                raise ValueError(f"feature {key!r} is {value}; leave it out, or give a finite number")
            yield str(key), float(value)
        elif isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(v, str) for v in value):
            for each in sorted(value):
                yield f"{key}:{each}", 1.0
        else:
            raise ValueError(
                f"feature {key!r} has the value {value!r}; give a number, a text or a list of texts"
            )


def encode(sentences, numbers, grow, where=""):
    """Return (offsets, feature_offsets, features, values) of sentences, for `Sentences`.

    sentences : list of lists of tokens. numbers : {feature: its number}; with `grow` new features are added,
    otherwise they are left out. where : begin of an error's text, such as the task.
    """
    offsets, counts, features, values = [0], [0], [], []
    for s, sentence in enumerate(sentences):
        if isinstance(sentence, (str, Mapping)) or not isinstance(sentence, Sequence):
            raise InputError(f"{where}sentence {s} is a {type(sentence).__name__}; give a list of tokens")
        if len(sentence) == 0:
            raise InputError(f"{where}sentence {s} has no tokens; leave it out")
        for i, token in enumerate(sentence):
            try:
                for name, value in token_features(token):
                    number = numbers.setdefault(name, len(numbers)) if grow else numbers.get(name)
                    if number is not None:
                        features.append(number)
                        values.append(value)
            except ValueError as error:
                raise InputError(f"{where}sentence {s}, token {i}: {error}") from None
            counts.append(len(features))
        offsets.append(len(counts) - 1)
    return (
        np.array(offsets, dtype=np.int64),
        np.array(counts, dtype=np.int64),
        np.array(features, dtype=np.int64),
        np.array(values, dtype=np.float64),
    )

"""Random numbers that depend on names alone, not on the order in which jobs run."""

import hashlib

import numpy as np


def generator(base_seed, *axes):
    """Return a random generator seeded by the hash of names.

    Parameters
    ----------
    base_seed : int
        Seed of the whole run.
    *axes : str or int
        Names of what the numbers are for, such as the dataset and the split.

    Returns
    -------
    numpy.random.Generator
        ``generator(0, "mnist", 3)`` gives the same stream in every process and on every machine.
    """
    text = "\x1f".join([str(base_seed), *map(str, axes)])
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))

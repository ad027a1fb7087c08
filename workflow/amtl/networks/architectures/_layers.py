"""Layers as views of one vector of weights."""

import numpy as np


class Shapes:
    """Blocks of one vector, by name.

    shapes : {name: shape}, in the order of the vector.
    """

    def __init__(self, shapes):
        self.shapes = dict(shapes)
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes.values())])
        self.places = {
            name: slice(int(a), int(b)) for name, a, b in zip(self.shapes, ends[:-1], ends[1:], strict=True)
        }
        self.size = int(ends[-1])

    def views(self, vector, leading=()):
        """Return {name: view} of a vector (size,), or of vectors (*leading, size)."""
        return {
            name: vector[..., place].reshape(*leading, *self.shapes[name])
            for name, place in self.places.items()
        }


def initial(random, shapes):
    """Return starting weights: normal with variance 2 / inputs for matrices (He et al., 2015), 0 for biases.

    The variance of the last layer, whose name is ``V``, is 1 / inputs. It is not zero: a trunk under heads
    that are zero has no gradient.
    """
    vector = np.zeros(shapes.size)
    for name, block in shapes.views(vector).items():
        if name.startswith("W"):
            block[...] = random.normal(size=block.shape) * np.sqrt(2.0 / block.shape[-2])
        elif name.startswith("V"):
            block[...] = random.normal(size=block.shape) * np.sqrt(1.0 / block.shape[-2])
    return vector


def transposed(M):
    """Return M with its last two axes exchanged."""
    return np.swapaxes(M, -1, -2)


def relu(Z):
    """Return max(Z, 0), in place."""
    return np.maximum(Z, 0.0, out=Z)

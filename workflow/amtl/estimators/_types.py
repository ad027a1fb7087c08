"""Types of what the estimators take and return."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# One table or column for all tasks, or one per task in a list or a dict.
ByTask = ArrayLike | Sequence[ArrayLike] | Mapping[Hashable, ArrayLike]
# The same, as it is predicted.
Predicted = NDArray[Any] | list[NDArray[Any]]
Scores = NDArray[np.float64] | list[NDArray[np.float64]]

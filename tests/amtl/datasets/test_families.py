"""What the families of related tasks draw."""

import numpy as np
import pytest

from amtl.datasets.families import hidden_cells, make_family
from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS, check_split


@pytest.mark.parametrize(("overlap", "common"), [(0.0, 0), (0.3, 4), (0.8, 10), (1.0, 13)])
def test_supports_overlap_by_the_given_share(overlap, common):
    split = make_family(1, 0, family="overlap", tasks=3, features=128, overlap=overlap)
    check_split(split)
    used = split.truth != 0.0
    assert (used.sum(axis=0) == 13).all() and used.all(axis=1).sum() == common
    # No feature is used by two tasks and not by the third.
    assert set(used.sum(axis=1)) <= {0, 1, 3}
    assert len(np.unique(np.abs(split.truth[used]).round(9))) == 1


def test_supports_that_do_not_fit_are_an_error():
    with pytest.raises(InputError, match="overlap.*do not fit"):
        make_family(1, 0, family="overlap", tasks=12, features=30, overlap=0.0)
    with pytest.raises(InputError, match="give 4 or more"):
        make_family(1, 0, family="one-group", tasks=2)


def test_new_weights_differ_from_split_to_split():
    fixed, new = ([make_family(k, 0, family="low-rank", new_weights=new) for k in (1, 2)] for new in (0, 1))
    assert np.array_equal(fixed[0].truth, fixed[1].truth)
    assert not np.array_equal(new[0].truth, new[1].truth)


def test_hidden_cells_leave_all_other_tasks_as_they_are():
    whole, part = (
        make_family(3, 0, family="tensor", tasks=32, hidden=hidden, new_weights=True)
        for hidden in (0.0, 0.125)
    )
    check_split(part)
    kept = [whole.tasks.index(name) for name in part.tasks]
    assert len(kept) == 28 and whole.meta["task_grid"] == [8, 4]
    assert [4 * row + column for row, column in part.meta["task_grid"]] == kept
    assert np.array_equal(part.truth, whole.truth[:, kept])
    for name in PARTS:
        ours, theirs = getattr(part, name), getattr(whole, name)
        for t, task in enumerate(kept):
            rows, same = (slice(p.offsets[i], p.offsets[i + 1]) for p, i in ((ours, t), (theirs, task)))
            assert np.array_equal(ours.X[rows], theirs.X[same])
            assert np.array_equal(ours.y[rows], theirs.y[same])


def test_every_row_and_column_of_the_grid_keeps_cells():
    for seed in range(50):
        hidden = hidden_cells(generator(seed), (6, 3), 0.16)
        rows, columns = np.unravel_index(hidden, (6, 3))
        assert len(hidden) == 3 and len(set(rows)) == 3 and columns.max() < 3

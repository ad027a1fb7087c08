"""Generators depend on the names of their axes alone."""

import pytest

from amtl.random import generator

FIXED = 2477349876311415348


def first(*names):
    return int(generator(*names).integers(2**62))


def test_the_stream_of_a_name_is_the_same_everywhere():
    """Fixed numbers: published splits and starts depend on them."""
    assert first(0, "mnist", 3) == FIXED
    assert first("0", "mnist", "3") == FIXED


@pytest.mark.parametrize("names", [(1, "mnist", 3), (0, "mnis", "t3"), (0, "mnist", 3, ""), (0, 3, "mnist")])
def test_other_names_give_other_streams(names):
    assert first(*names) != FIXED

"""Fits of a part of a grid come back from their file as they were."""

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_array

from amtl.methods._fit import Fit
from amtl.model_selection import Known, Tuned
from workbench.path_files import load_known, save_known
from workbench.result_files import StaleResult


class Job:
    digest = "d1"

    def require_code(self):
        pass


def make_fit(seed, **changes):
    W = np.random.default_rng(seed).normal(size=(3, 2))
    return Fit(W, [2.0, 1.0 / 3.0], 4, np.bool_(True), 1e-7, **changes)


def assert_same(found, given):
    for field in dataclasses.fields(Fit):
        ours, theirs = getattr(found, field.name), getattr(given, field.name)
        if field.name == "learned":
            assert ours.keys() == theirs.keys()
            assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
        elif hasattr(theirs, "toarray"):
            np.testing.assert_array_equal(ours.toarray(), theirs.toarray())
        elif isinstance(theirs, np.ndarray):
            np.testing.assert_array_equal(ours, theirs)
        else:
            assert ours == theirs


def test_fits_come_back(tmp_path):
    fits = {
        0: (make_fit(0), 0.5),
        7: (make_fit(1, B=csr_array(np.eye(2)), closed=np.array([True, False]), restarts=[1.0]), 0.25),
        12: (make_fit(2, B=np.eye(2), order=np.array([1, 0]), learned={"parts": np.ones((2, 3))}), 1.0),
    }
    start = make_fit(3)
    record = {"params": {"rho": 2.0}, "converged": True}
    given = Known(Tuned(start, [record], 0, 1, [], [], fits=[start]), fits, 3.5)
    save_known(tmp_path / "part0.npz", Job(), given)
    found = load_known(tmp_path / "part0.npz", "d1")
    assert found.seconds == 3.5 and found.fits.keys() == fits.keys()
    for k, (fit, seconds) in fits.items():
        assert_same(found.fits[k][0], fit)
        assert found.fits[k][1] == seconds
    assert_same(found.init.fit, start)
    assert found.init.grid[found.init.chosen] == record


def test_fits_of_another_job_are_refused(tmp_path):
    save_known(tmp_path / "part1.npz", Job(), Known())
    assert load_known(tmp_path / "part1.npz", "d1").fits == {}
    with pytest.raises(StaleResult, match=r"part1\.npz"):
        load_known(tmp_path / "part1.npz", "d2")

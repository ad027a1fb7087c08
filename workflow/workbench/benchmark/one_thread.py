"""One thread for linear algebra, whatever the job was given: to be imported before numpy."""

import os

ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}
os.environ.update(ONE_THREAD)

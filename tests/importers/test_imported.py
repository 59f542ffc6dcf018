"""The proof of an import."""

import numpy as np
import pytest
from import_cases import float_network

from thresh.importers.imported import TOLERANCE, Imported, Source, prove
from thresh.model.float_run import run_float

NETWORK = float_network("gru", "linear_tanh")


def imported(change, **more):
    """An import whose source is the network itself, changed."""
    source = Source(framework="itself", run=lambda x: change(run_float(NETWORK, x).outputs))
    return Imported(network=NETWORK, source=source, **more)


def test_equal_networks_differ_by_nothing():
    proof = prove(imported(lambda y: y))
    assert (proof.framework, proof.difference, proof.values) == ("itself", 0, 3 * 17 * 7)
    assert prove(imported(lambda y: y[:, -1], reads="last")).values == 3 * 7


@pytest.mark.parametrize(
    ("change", "reads"),
    [(lambda y: y, "all"), (lambda y: y[:, -1], "last"), (lambda y: y.mean(axis=1), "mean")],
)
def test_what_a_source_reads_is_found_out_or_held_to(change, reads):
    assert prove(imported(change, reads="unknown")).reads == reads
    assert prove(imported(change, reads=reads)).reads == reads
    if reads != "all":
        other = {"last": "mean", "mean": "last"}[reads]
        with pytest.raises(ValueError, match="differs from itself"):
            prove(imported(change, reads=other))


def test_what_differs_by_more_than_the_tolerance_is_refused():
    assert prove(imported(lambda y: y + 0.9 * TOLERANCE)).difference > 0
    with pytest.raises(ValueError, match=r"differs from itself by 1.1e-05 .* more than 1e-05"):
        prove(imported(lambda y: y + 1.1 * TOLERANCE))
    with pytest.raises(ValueError, match="differs from itself by nan"):
        prove(imported(lambda y: y * np.nan))


def test_a_source_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 17, 6\) where the imported .* \(3, 17, 7\)"):
        prove(imported(lambda y: y[..., 1:]))


@pytest.mark.parametrize("final", ["softmax", "logsoftmax"])
def test_a_final_softmax_is_compared_too(final):
    def change(y):
        powers = np.exp(y) / np.exp(y).sum(-1, keepdims=True)
        return np.log(powers) if final == "logsoftmax" else powers

    assert prove(imported(change, final=final)).difference < 1e-12


def test_a_source_that_cannot_run_here_proves_nothing():
    assert prove(Imported(network=NETWORK)) is None

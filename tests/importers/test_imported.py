"""The proof of an import."""

from dataclasses import replace

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


def test_a_source_of_one_step_says_that_recurrence_had_no_part():
    source = Source(framework="itself", run=lambda x: run_float(NETWORK, x).outputs, steps=1)
    proof = prove(Imported(network=NETWORK, source=source))
    assert proof.unproven.startswith("the recurrent weights: the source takes one step")
    fed = replace(source, feeds_back=True)
    assert prove(Imported(network=NETWORK, source=fed)).unproven == ""
    linear = float_network("linear")
    alone = replace(source, run=lambda x: run_float(linear, x).outputs)
    assert prove(Imported(network=linear, source=alone)).unproven == ""


def test_a_source_that_computes_coarsely_has_the_tolerance_of_its_numbers():
    source = Source(framework="half", run=lambda x: run_float(NETWORK, x).outputs + 1e-3)
    with pytest.raises(ValueError, match="more than 1e-05"):
        prove(Imported(network=NETWORK, source=source))
    half = replace(source, precision=2.0**-10)
    assert prove(Imported(network=NETWORK, source=half)).difference == pytest.approx(1e-3)
    wrong = replace(half, run=lambda x: run_float(NETWORK, x).outputs + 0.125)
    with pytest.raises(ValueError, match=r"by 0\.12\d? on random inputs, more than 0\.0156"):
        prove(Imported(network=NETWORK, source=wrong))


def cannot(x):
    raise RuntimeError("no kernel for double")


def test_where_one_source_cannot_run_the_next_one_does():
    first = Source(framework="first", run=cannot)
    second = Source(framework="second", run=lambda x: run_float(NETWORK, x).outputs)
    assert prove(Imported(network=NETWORK, source=first, others=(second,))).framework == "second"
    with pytest.raises(
        ValueError,
        match=r"first cannot run the file here \(no kernel for double\),"
        r" so the import is not proven: --no-proof reads it",
    ):
        prove(Imported(network=NETWORK, source=first))  # fmt: skip


def test_tokens_are_one_hot():
    seen = []
    table = float_network("linear")
    size = table.inputs

    def run(x):
        seen.append(x)
        return run_float(table, x).outputs

    prove(Imported(network=table, source=Source(framework="itself", run=run), tokens=size))
    assert set(np.unique(seen[0])) == {0.0, 1.0}
    assert (seen[0].sum(axis=-1) == 1).all()
    assert len(np.unique(seen[0].argmax(axis=-1))) == size

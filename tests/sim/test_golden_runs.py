"""Counting fetched columns."""

import numpy as np
from cli_cases import small_network

from thresh.sim.golden import GoldenModel
from thresh.sim.golden_runs import delta_fetches, run_golden, total_work


def test_counts_every_column_that_the_golden_model_multiplies():
    network = small_network()
    x = np.random.default_rng(2).integers(-3000, 3000, (20, 5))
    model, counted = GoldenModel(network), []
    for row in x:
        sent_h = np.count_nonzero(model.layers[0].delta_h)
        before = model.reference_x.copy()
        model.step(row[None])
        sent_x = np.count_nonzero(model.reference_x - before)
        to_linear = np.count_nonzero(model.layers[0].delta_h)
        counted.append(3 * 12 * (sent_h + sent_x) + 3 * to_linear)
    (run,) = run_golden(network, [x])
    assert delta_fetches(network, run).tolist() == counted


def test_padding_in_a_batch_changes_nothing():
    network = small_network()
    random = np.random.default_rng(3)
    inputs = [random.integers(-3000, 3000, (length, 5)) for length in (9, 2, 30, 9)]
    together = run_golden(network, inputs)
    for x, run in zip(inputs, together, strict=True):
        (alone,) = run_golden(network, [x])
        assert run.frames == len(x)
        assert np.array_equal(run.outputs, alone.outputs)
        assert np.array_equal(run.fired_h, alone.fired_h)
        assert run.saturations == alone.saturations


def test_every_column_fires_when_everything_changes():
    network = small_network(threshold=0)
    x = (
        np.where(np.arange(40)[:, None] % 2, 9000, -9000)
        + np.arange(40)[:, None]
        + np.zeros((1, 5), int)
    )
    (run,) = run_golden(network, [x])
    work = total_work(network, [run])
    assert work.frames == 40
    assert work.weight_fetches < work.weight_fetches_dense
    assert delta_fetches(network, run).max() == network.weights

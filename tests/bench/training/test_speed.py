"""The benches of training speed run, and their committed results meet the goals."""

import json

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from bench import results  # noqa: E402
from bench.training import gpu as training_gpu  # noqa: E402
from bench.training import speed as training_speed  # noqa: E402


def test_a_case_is_measured(monkeypatch):
    monkeypatch.setattr(training_speed, "FRAMES", 12)
    threads = torch.get_num_threads()
    row = training_speed.measure("gru", "float64", "quantised", 1, rounds=1)
    torch.set_num_threads(threads)
    assert row["compiled_ms"] > 0
    assert 0 < row["sparsity_h"] < 1


def test_committed_result_meets_the_goals():
    rows = results.load(training_speed.RESULT)["rows"]
    rows = [row for row in rows if row["kind"] == "gru" and row["threads"] == 2]
    assert rows
    for row in rows:
        assert row["faster_than_pytorch_loop"] >= 3
        assert row["faster_than_plain_layer"] >= 0.25


def test_a_layer_elsewhere_is_compared_with_the_cpus(monkeypatch):
    monkeypatch.setattr(training_speed, "FRAMES", 12)
    found = training_gpu.differences("lstm", "cpu")
    assert found["quantised"]["outputs_equal"]
    assert found["thresholds"]["gradients_most_relative"] == 0


def test_gpus_give_the_integers_of_the_cpu():
    for row in json.loads(training_gpu.RESULT.read_text())["equal"]:
        assert row["quantised"]["outputs_equal"]
        assert row["thresholds"]["outputs_most"] < 1e-10
        assert row["thresholds"]["gradients_most_relative"] < 1e-10

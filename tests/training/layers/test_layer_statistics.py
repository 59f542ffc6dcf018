"""Statistics of delta layers: counted entries, and what they fetch."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired  # noqa: E402

from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaRNN  # noqa: E402
from thresh.training.layers.layer_statistics import Statistics, total  # noqa: E402


def test_counts_of_every_layer_after_each_forward():
    torch.manual_seed(1)
    layer = DeltaGRU(4, 6, 2, threshold_x=0.5, threshold_h=[0.1, 0.2], batch_first=True)
    assert layer.statistics == ()
    trace = layer.run(torch.randn(3, 20, 4))
    first, second = layer.statistics
    x, h, top = (
        int(fired(sent).sum()) for sent in (trace.sent_x, trace.layers[0].sent_h, trace.sent_h)
    )
    assert (first.fired_x, first.fired_h, second.fired_x, second.fired_h) == (x, h, h, top)
    assert 0 < x < first.dense_x == 240
    assert first.sparsity_x == 1 - x / 240
    assert second.sparsity_h == 1 - top / 360
    assert first.weight_fetches == 18 * (x + h)
    assert first.dense_fetches == 18 * (240 + 360)
    whole = total(layer.statistics)
    assert whole.reduction == 18 * (600 + 720) / (18 * (x + 2 * h + top))


def test_only_valid_steps_count():
    layer = DeltaRNN(1, 1, nonlinearity="relu", batch_first=True)
    x = torch.tensor([[[1.0], [2.0], [3.0]]])
    layer(x)
    (work,) = layer.measure(torch.tensor([[True, True, False]]))
    assert (work.fired_x, work.dense_x) == (2, 2)


def test_nothing_counted_is_nothing_saved():
    assert total([]) == Statistics()
    assert Statistics().reduction == 0
    assert Statistics().sparsity_x == 1

"""Delta encoding of tensors: what fires, and the gradient that follows it."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired, references  # noqa: E402

from thresh.training.layers.delta import (  # noqa: E402
    Encoder,
    encode,
    moves,
    round_to,
    send,
)


def test_gradient_of_the_next_step_follows_the_mask():
    values = torch.tensor([0.3, 0.6, 0.7, 1.2], dtype=torch.float64, requires_grad=True)
    reference, loss, sent = torch.zeros(1, dtype=torch.float64), 0, []
    for value, weight in zip(values.split(1), (1.0, 10.0, 100.0, 1000.0), strict=True):
        reference = send(value, reference, 0.5)
        sent.append(reference.item())
        loss = loss + weight * reference.sum()
    assert sent == [0.0, 0.6, 0.6, 1.2]
    loss.backward()
    assert values.grad.tolist() == [0.0, 110.0, 0.0, 1000.0]


def test_fires_at_exactly_the_threshold():
    values = torch.tensor([[[0.25], [0.5]]], dtype=torch.float64)
    assert fired(references(values, 0.25)).tolist() == [[1, 1]]
    assert fired(references(values, 0.25 + 2**-12)).tolist() == [[0, 1]]


def test_moves_are_the_entries_that_fire():
    torch.manual_seed(1)
    values = torch.randn(2, 30, 4).cumsum(1)
    values[:, 7] = values[:, 6]
    for threshold in (0.0, 0.5):
        sent = references(values, threshold)
        came = moves(values, sent, torch.zeros(2, 4), threshold).sum(2)
        assert torch.equal(came.long(), fired(sent))


def test_rounding_goes_to_the_nearest_step_and_halves_upwards():
    value = torch.tensor([0.125, -0.125, 0.3, -0.4], requires_grad=True)
    rounded = round_to(value, 0.25)
    assert rounded.tolist() == [0.25, 0.0, 0.25, -0.5]
    rounded.sum().backward()
    assert value.grad.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("compiled", [True, False])
def test_what_the_layers_behind_receive_has_the_gradient_of_the_value(compiled):
    values = torch.tensor([[[0.1]], [[0.9]], [[1.0]]], dtype=torch.float64, requires_grad=True)
    first = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    encoder = Encoder(threshold=torch.tensor([0.5], dtype=torch.float64))
    sent, fired = encode(values, first, encoder, compiled=compiled)
    assert sent.flatten().tolist() == [0.0, 0.9, 0.9]
    assert fired.flatten().tolist() == [0, 1, 0]
    (sent.flatten() * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert values.grad.flatten().tolist() == [1.0, 10.0, 100.0]
    assert first.grad is None


def test_a_straight_next_step_has_the_gradient_of_the_value():
    value = torch.tensor([0.1, 0.9], requires_grad=True)
    reference = torch.zeros(2, requires_grad=True)
    sent = send(value, reference, 0.5, straight=True)
    assert torch.equal(sent, torch.tensor([0.0, 0.9]))
    sent.sum().backward()
    assert value.grad.tolist() == [1.0, 1.0]
    assert reference.grad is None

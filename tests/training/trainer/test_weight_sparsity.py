"""Sparse weights: the smallest vanish, in balanced columns the same number in every lane."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.training.layers.delta_recurrent import DeltaGRU  # noqa: E402
from thresh.training.trainer.weight_sparsity import WeightSparsity, smallest_per_column  # noqa: E402


def weights() -> list[torch.nn.Parameter]:
    torch.manual_seed(1)
    layer = DeltaGRU(6, 8)
    return [layer.weight_ih_l0, layer.weight_hh_l0]


def density(weights) -> float:
    """Share of the weights that are not zero."""
    left = sum(int(torch.count_nonzero(weight)) for weight in weights)
    return left / sum(weight.numel() for weight in weights)


def test_smallest_weights_of_each_column_vanish():
    ours = weights()
    before = [weight.detach().clone() for weight in ours]
    sparsity = WeightSparsity(ours, 0.75)
    sparsity.vanish(1)
    assert density(ours) == 0.25
    for weight, whole in zip(ours, before, strict=True):
        left = weight != 0
        assert torch.equal(weight[left], whole[left])
        kept = torch.where(left, whole.abs(), torch.inf).amin(dim=0)
        assert (kept >= torch.where(left, 0, whole.abs()).amax(dim=0)).all()


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_columns_are_balanced_over_lanes(lanes):
    ours = weights()
    WeightSparsity(ours, 0.5, lanes=lanes).vanish(1)
    for weight in ours:
        left = torch.count_nonzero(weight.detach().view(24 // lanes, lanes, -1), dim=0)
        assert left.unique().tolist() == [24 // lanes - int(0.5 * (24 // lanes))]


def test_the_smallest_of_a_lane_go():
    weight = torch.tensor([[1.0], [8.0], [-2.0], [7.0], [3.0], [-6.0]])
    assert smallest_per_column(weight, 0.4, lanes=2).flatten().tolist() == [1, 0, 0, 0, 0, 1]


def test_hold_keeps_the_same_weights_at_zero():
    ours = weights()
    sparsity = WeightSparsity(ours, 0.5)
    sparsity.vanish(1)
    masks = [weight.detach() == 0 for weight in ours]
    with torch.no_grad():
        for weight in ours:
            weight.add_(1.0)
    sparsity.hold()
    assert all(
        torch.equal(weight.detach() == 0, mask) for weight, mask in zip(ours, masks, strict=True)
    )


@pytest.mark.parametrize("before", [False, True])
def test_what_has_vanished_before_does_not_come_back(before):
    ours = weights()
    if before:
        WeightSparsity(ours, 0.5, lanes=4).vanish(1)
    sparsity = WeightSparsity(ours, 0.5, lanes=4)
    left = []
    for part in (0.0, 0.5, 1.0):
        with torch.no_grad():
            for weight in ours:
                weight.add_(0.01)
        sparsity.vanish(part)
        left.append(density(ours))
    assert left == ([0.5, 0.5, 0.5] if before else [1.0, pytest.approx(4 / 6), 0.5])


def test_refuses_shares_and_lanes_that_do_not_fit():
    with pytest.raises(ValueError, match="0 to below 1, not 1"):
        WeightSparsity(weights(), 1)
    with pytest.raises(ValueError, match="must divide the 24 rows, not 7"):
        WeightSparsity(weights(), 0.5, lanes=7)

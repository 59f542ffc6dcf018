"""What pieces come to: a scale chosen on validation, each sequence tested once."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from small_tasks import Small  # noqa: E402

from thresh.training.exam.piece import Piece, Side  # noqa: E402
from thresh.training.tasks.sitting import join, least_loss  # noqa: E402
from thresh.training.trainer.work import Work  # noqa: E402

SCALES = (0.5, 1.0, 2.0)

ERRORS = {0.5: 1.25, 1.0: 1.0, 2.0: 3.0}
"""Of a delta network, by scale; its control's is 1."""


def work(scale: float) -> Work:
    return Work(delta=round(100 / scale), sparse=40, dense=1000, entries_x=5, entries_h=6, steps=10)


def side(errors: dict[float, float], names=("ann", "bob")) -> Side:
    return Side(
        sequences={name: 3 for name in names},
        control={name: [3, 3.0] for name in names},
        delta={scale: {name: [3, 3 * error] for name in names} for scale, error in errors.items()},
        work={scale: work(scale) for scale in errors},
    )


def piece(fold, seed, test=ERRORS) -> Piece:
    return Piece(
        task="sums", recipe="ab", material=7 + (fold or 0), fold=fold, seed=seed,
        validation=side(ERRORS), test=side(test),
    )  # fmt: skip


PIECES = [piece(fold, seed) for fold in (0, 1, 2) for seed in (1, 2)]


def allowing(allowance: float) -> type[Small]:
    return type("Allowing", (Small,), {"allowance": allowance})


def test_everything_is_tested_once_for_every_seed():
    found = join(PIECES, allowing(0.5))
    assert (found.verdict.sequences, found.verdict.clusters) == (3 * 2 * 6, 2)
    assert [point["scale"] for point in found.curve] == list(SCALES)
    assert [point["reduction"] for point in found.curve] == [5.0, 10.0, 20.0]
    assert (found.scale, found.verdict.delta, found.verdict.control) == (1.0, 1.0, 1.0)
    answer = found.to_dict()
    assert answer["reductions"] == {"1": 10.0, "2": 10.0}
    assert answer["verdict"] == found.verdict.word


@pytest.mark.parametrize(("allowance", "scale"), [(0.0, 1.0), (0.25, 1.0), (2.0, 2.0), (-1.0, 1.0)])
def test_the_largest_reduction_within_the_allowance_is_chosen(allowance, scale):
    assert join(PIECES, allowing(allowance)).scale == scale


def test_of_the_test_nothing_is_read_but_the_chosen_scale():
    class Once(dict):
        def __getitem__(self, scale):
            read.append(scale)
            return super().__getitem__(scale)

    read: list[float] = []
    watched = [
        replace(one, test=replace(one.test, delta=Once(one.test.delta), work=Once(one.test.work)))
        for one in PIECES
    ]
    assert join(watched, allowing(0.5)).to_dict() == join(PIECES, allowing(0.5)).to_dict()
    assert set(read) == {1.0}


def test_the_test_does_not_choose():
    worse = [piece(fold, 1, {0.5: 1.0, 1.0: 9.0, 2.0: 1.0}) for fold in (0, 1, 2)]
    found = join(worse, allowing(0.5))
    assert (found.scale, found.verdict.word) == (1.0, "not within the allowance")


def test_pieces_of_another_recipe_or_of_other_recordings_are_refused():
    with pytest.raises(ValueError, match="ab of sums and cd of sums"):
        join([*PIECES, replace(PIECES[0], recipe="cd")], Small)
    with pytest.raises(ValueError, match=r"fold 1 of sums are of different recordings: .* 8 and 9"):
        join([*PIECES, replace(piece(1, 3), material=9)], Small)
    with pytest.raises(ValueError, match="no piece"):
        join([], Small)


def test_of_sparse_columns_their_own_reduction_counts():
    found = join(PIECES, allowing(0.5), sparse=True)
    assert [point["reduction"] for point in found.curve] == [25.0] * 3
    assert found.reductions == {1: 25.0, 2: 25.0}


def test_the_least_loss_is_chosen_at_the_wanted_reduction():
    curve = [
        {"reduction": 8.0, "loss": 0.3}, {"reduction": 10.0, "loss": 0.5},
        {"reduction": 12.0, "loss": 0.4}, {"reduction": 15.0, "loss": 0.6},
    ]  # fmt: skip
    assert least_loss(10.0)(curve)["reduction"] == 12.0
    assert least_loss(13.0)(curve)["reduction"] == 15.0
    assert least_loss(20.0)(curve)["reduction"] == 15.0


def test_what_chooses_a_scale_sees_the_losses_of_all():
    seen = []
    found = join(PIECES, allowing(0.5), lambda curve: seen.append(curve) or curve[0])
    assert found.scale == 0.5
    assert seen == [found.curve]
    assert np.allclose([point["loss"] for point in found.curve], list(ERRORS.values()))

"""Steering: drives cut into sequences, flagged pictures, the front that is taken apart."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.tasks.steering import (  # noqa: E402
    BLOCK,
    FEATURES,
    HEIGHT,
    SHORTEST,
    WIDTH,
    Steering,
    cut,
    mirrored,
)
from thresh.training.tasks.training import make_net  # noqa: E402


def write_drives(folder) -> None:
    """A drive of two segments and one too short, with some pictures flagged."""
    draw, steps = np.random.default_rng(1), BLOCK + 150
    for run in (2, 3):
        seg = np.repeat([0, 1, 2], [SHORTEST - 1, steps - SHORTEST + 1 - 60, 60])
        np.savez(
            folder / f"track2_run{run}_64x32.npz",
            img=draw.integers(0, 256, (steps, HEIGHT, WIDTH)).astype(np.uint8),
            steer=draw.uniform(-1, 1, steps).astype(np.float32), seg=seg,
            flagged=np.arange(steps) % 3 == 0,
        )  # fmt: skip


@pytest.fixture
def task(tmp_path):
    write_drives(tmp_path)
    return Steering(tmp_path)


def test_drives_are_cut_at_segments_and_the_short_ones_left_out(task):
    lengths = [len(item.x) for item in task.items("test")]
    assert lengths == [BLOCK + 150 - (SHORTEST - 1) - 60, 60]
    assert all(len(item.x) <= BLOCK for item in task.items("validation"))
    assert all(len(i.x) >= SHORTEST for i in task.epoch(np.random.default_rng(3)))


def test_mirrored_drives_steer_the_other_way(task):
    item = cut(task.items("test")[0], 0, 30)
    other = mirrored(item)
    assert np.array_equal(other.target, -item.target, equal_nan=True)
    assert np.array_equal(other.x.reshape(30, HEIGHT, WIDTH)[..., ::-1].reshape(30, -1), item.x)


def test_flagged_pictures_neither_score_nor_train(task):
    items = task.items("test")
    targets = [item.target for item in items]
    wild = [np.where(np.isnan(t), 77, t)[:, None].astype(np.float32) for t in targets]
    assert task.score(wild, targets).error == 0
    near = [y + 0.5 for y in wild]
    assert task.score(near, targets).error == pytest.approx(50, rel=1e-5)
    outputs = torch.from_numpy(near[1])[None]
    loss = task.loss(outputs, torch.tensor([len(near[1])]), (targets[1],))
    assert loss.item() == pytest.approx(2.5, rel=1e-5)


def test_taking_the_trunk_out_changes_no_output(task):
    net = make_net(task).eval()
    pictures = task.items("test")[1]
    with torch.no_grad():
        before = net(torch.from_numpy(pictures.x)[None])
    task.pretrained(net)
    features = task.items("test")[1]
    with torch.no_grad():
        after = net(torch.from_numpy(features.x)[None])
    assert torch.allclose(before.outputs, after.outputs, atol=1e-5)
    assert after.trace.x.shape[2] == FEATURES
    task.front()
    assert task.items("test")[1] is pictures


def test_recordings_are_known_by_their_pictures_whatever_the_trunk_makes_of_them(task):
    known = task.digest
    torch.manual_seed(1)
    task.pretrained(make_net(task).eval())
    assert task.digest == known
    (first, *_) = task.whole["train"]
    first.target[0] += 1
    assert task.digest != known


def test_absent_drives_are_named_with_their_origin(tmp_path):
    with pytest.raises(ValueError, match=r"criscola/donkeycar .* lacks track2_run2_64x32"):
        Steering(tmp_path)

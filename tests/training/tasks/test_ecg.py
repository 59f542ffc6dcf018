"""ECG beats: sequences, rhythm inputs and scores, on a synthetic recording."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.tasks.ecg import CLASSES, DELAY, RATE, WARM_UP, Ecg, Recording  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402


def write_set(folder, records=(101, 201, 100)) -> None:
    """A minute of beats for some patients of each kind, in the layout of the data set."""
    draw, records = np.random.default_rng(1), np.array(records)
    length, count = 128 * 60, len(records)
    beats = np.arange(64, length - 128, 100)
    classes = draw.integers(0, 3, (count, len(beats)))
    np.savez(
        folder / "mitdb_mlii_128hz.npz",
        x=draw.integers(-900, 900, count * length).astype(np.int16), length=np.full(count, length),
        record=records, beat_t=np.tile(beats, count), beat_class=classes.ravel().astype(np.uint8),
        nbeats=np.full(count, len(beats)), ds1=records[:2], ds2=records[2:],
    )  # fmt: skip


def test_intervals_between_beats_change_at_beats_only_and_never_look_ahead():
    beats = np.array([100, 228, 292])
    one = Recording("1", np.zeros(1280), beats, np.zeros(3))
    rhythm = one.x[:, 1:]
    changed = np.flatnonzero((np.diff(rhythm, axis=0) != 0).any(axis=1)) + 1
    assert set(changed) <= set(beats // 2)
    assert rhythm[228 // 2, 1] == pytest.approx(1.0 - 0.8)
    assert rhythm[292 // 2, 1] == pytest.approx(0.5 - 0.8)
    assert rhythm[292 // 2, 0] < -0.2


def test_a_constant_signal_is_no_signal():
    one = Recording("1", np.full(6400, 700.0), np.array([1000]), np.zeros(1))
    assert np.abs(one.x[:, 0]).max() == pytest.approx(0)


def test_pieces_of_a_recording_read_every_beat_once():
    beats = np.arange(500, 128 * 100, 90)
    one = Recording("1", np.zeros(128 * 120), beats, np.arange(len(beats)) % 4)
    steps = RATE * 10
    parts = [one.item(at, steps) for at in range(0, len(one.x), steps)]
    read = np.concatenate([part.target[1] for part in parts])
    used = one.steps >= WARM_UP
    assert read.tolist() == one.classes[used].tolist()
    assert one.steps[0] == 500 // 2 + DELAY
    assert all((part.target[0] < len(part.x)).all() for part in parts)


def test_score_and_loss_read_outputs_at_the_beats(tmp_path):
    write_set(tmp_path)
    task = Ecg(tmp_path)
    assert {split: len(found) for split, found in task.recordings.items()} == {
        "train": 1, "validation": 1, "test": 1,
    }  # fmt: skip
    items = task.items("test")
    outputs = []
    for item in items:
        y = np.zeros((len(item.x), len(CLASSES)), np.float32)
        y[item.target[0], item.target[1]] = 5
        outputs.append(y)
    score = task.score(outputs, [item.target for item in items])
    assert score.error == 0
    assert score.more["f1_V"] == 100
    worse = task.score([-y for y in outputs], [item.target for item in items])
    assert worse.error > 50
    net = make_net(task)
    batch = task.epoch(np.random.default_rng(2))[:4]
    x = torch.from_numpy(np.stack([item.x for item in batch]))
    lengths = torch.tensor([len(item.x) for item in batch])
    outputs = net(x).outputs
    targets = tuple(item.target for item in batch)
    loss = task.loss(outputs, lengths, targets)
    assert loss.item() == pytest.approx(np.log(len(CLASSES)), abs=0.5)
    exact = task.loss(outputs.double(), lengths, targets)
    assert exact.dtype == torch.float64
    assert exact.item() == pytest.approx(loss.item(), rel=1e-5)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize("part", ["x", "classes"])
def test_recordings_are_known_by_all_that_they_hold(tmp_path, split, part):
    write_set(tmp_path)
    task, other = Ecg(tmp_path), Ecg(tmp_path)
    assert task.digest == other.digest
    getattr(other.recordings[split][0], part)[-1] += 1
    assert task.digest != other.digest


def test_absent_recordings_are_named_with_their_origin(tmp_path, monkeypatch):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    with pytest.raises(ValueError, match="no directory is given: name its folder"):
        Ecg(None)
    with pytest.raises(ValueError, match=r"MIT-BIH .* lacks mitdb_mlii_128hz\.npz"):
        Ecg(tmp_path)


def test_folds_test_every_patient_once(tmp_path):
    records = (101, 201, 100, 103, 105, 111, 113)
    write_set(tmp_path, records)
    tested = []
    for fold in range(Ecg.folds):
        task = Ecg(tmp_path, fold=fold)
        sides = {name: {one.patient for one in part} for name, part in task.recordings.items()}
        assert set.union(*sides.values()) == set(map(str, records))
        assert sum(map(len, sides.values())) == len(records)
        assert {item.source for item in task.items("test")} == sides["test"]
        tested += sides["test"]
    assert sorted(tested) == sorted(map(str, records))

"""Connected digits: strings, frames, label error."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.data.audio_file import write_wav  # noqa: E402
from thresh.model.decision import decide_classes  # noqa: E402
from thresh.training.sets.fsdd import Recording  # noqa: E402
from thresh.training.tasks.connected_digits import (  # noqa: E402
    BLANK,
    GAP,
    JOININGS,
    LONGEST,
    ConnectedDigits,
    WideDigits,
    ctc_loss,
    edits,
    join,
    label_error,
    utterances,
)
from thresh.training.tasks.techniques import pair  # noqa: E402


def take(digit: int, speaker: str = "a", samples: int = 2400) -> Recording:
    draw = np.random.default_rng(digit)
    pcm = draw.integers(-4000, 4000, samples).astype(np.int16)
    pcm[-200:] //= 100
    return Recording(pcm=pcm, digit=digit, speaker=speaker)


def test_errors_are_counted_on_the_path_without_repeats_and_blanks():
    path = [3, 3, BLANK, 3, 5, 5, BLANK]
    outputs = np.eye(BLANK + 1)[path]
    assert edits(outputs, [3, 3, 5]).tolist() == [0, 3]
    sums = edits(outputs, [3, 3, 5]) + edits(outputs, [3, 5])
    assert label_error(sums) == pytest.approx(20)


def test_utterances_use_every_take_once_and_keep_speakers_apart():
    takes = [take(n % 10, speaker) for speaker in "abc" for n in range(25)]
    found = utterances(takes, np.random.default_rng(1))
    assert sorted(id(one) for string in found for one in string) == sorted(map(id, takes))
    assert all(1 <= len(string) <= LONGEST for string in found)
    assert all(len({one.speaker for one in string}) == 1 for string in found)


def test_joined_takes_stand_where_they_are_said_to():
    takes = [take(1), take(7), take(7)]
    pcm, places = join(takes, np.random.default_rng(1))
    for one, (begin, end) in zip(takes, places, strict=True):
        assert np.array_equal(pcm[begin:end], one.pcm)
    gaps = places[1:, 0] - places[:-1, 1]
    assert ((gaps >= GAP[0]) & (gaps < GAP[1])).all()
    pause = pcm[places[0, 1] : places[1, 0]].astype(float)
    assert 0 < pause.std() < 100


def test_ctc_loss_falls_where_the_right_labels_rise():
    outputs = torch.zeros(1, 12, BLANK + 1, requires_grad=True)
    lengths, targets = torch.tensor([12]), [[3, 3, 5]]
    loss = ctc_loss(outputs, lengths, targets)
    loss.backward()
    assert (outputs.grad[0, :, [3, 5]].sum(0) < 0).all()
    assert (outputs.grad[0, :, 8] > 0).all()


def test_a_task_is_made_of_recordings_and_a_speaker_can_be_left_out(tmp_path):
    for speaker in "ab":
        for digit in range(10):
            for index in (0, 5, 8):
                path = tmp_path / f"{digit}_{speaker}_{index}.wav"
                write_wav(path, take(digit, speaker).pcm, 8000)
    task = ConnectedDigits(tmp_path)
    for item in task.items("test"):
        digits, frames = item.target
        assert item.x.shape == (len(frames), 20)
        runs = [*decide_classes(np.eye(BLANK + 1)[frames], "ctc")]
        assert runs == digits
    outputs = [np.eye(BLANK + 1)[item.target[1]] for item in task.items("test")]
    assert task.score(outputs, [item.target for item in task.items("test")]).error == 0
    batch = task.epoch(np.random.default_rng(1))
    assert sum(len(item.target[0]) for item in batch) == 20
    alone = ConnectedDigits(tmp_path, without="b")
    assert sum(len(item.target[0]) for item in alone.items("validation")) == 40
    assert sum(len(item.target[0]) for item in alone.items("test")) == 40


@pytest.mark.parametrize("index", [0, 5, 8])
@pytest.mark.parametrize("change", [{"digit": 9}, {"pcm": take(4).pcm}], ids=["label", "sound"])
def test_recordings_are_known_by_every_take(tmp_path, index, change):
    for digit in range(2):
        for number in (0, 5, 8):
            write_wav(tmp_path / f"{digit}_a_{number}.wav", take(digit, "a").pcm, 8000)
    task, other = ConnectedDigits(tmp_path), ConnectedDigits(tmp_path)
    assert task.digest == other.digest
    split = {0: "test", 5: "validation", 8: "train"}[index]
    other._takes[split][0] = replace(other._takes[split][0], **change)
    other._made.clear()
    assert task.digest != other.digest
    assert "train" not in task._made


def test_folds_test_every_take_once(tmp_path):
    for index in range(5):
        for digit in range(2):
            path = tmp_path / f"{digit}_a_{index + 3}.wav"
            write_wav(path, take(digit, "a").pcm + index, 8000)
    sides = [ConnectedDigits(tmp_path, fold=fold) for fold in range(5)]
    counts = [
        [sum(len(item.target[0]) for item in task.items(split)) for split in JOININGS]
        for task in sides
    ]
    assert counts == [[3 * 2 * 16, 2 * 4, 2 * 4]] * 5
    heard = {task.items("test")[0].x.tobytes() for task in sides}
    assert len(heard) == 5
    assert sides[0].items("test")[0].source == "a"


def test_wide_digits_are_the_same_digits_with_more_units():
    wide, narrow = WideDigits, ConnectedDigits
    assert (wide.units, narrow.units) == (200, 128)
    assert (wide.inputs, wide.outputs, wide.folds) == (narrow.inputs, narrow.outputs, narrow.folds)
    with pytest.raises(ValueError, match="wide-digits has no pair with sparse columns"):
        pair(wide, sparse=True)

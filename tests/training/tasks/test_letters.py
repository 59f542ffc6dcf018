"""Letters: a frame a step, speakers apart, labels spread for the start."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.tasks.an4_digits import WORDS, An4Digits  # noqa: E402
from thresh.training.tasks.letters import CEPSTRA, SYMBOLS, Letters, smoothed, spread_labels  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402


def write_set(folder, texts=("A B", "GO")) -> None:
    draw = np.random.default_rng(1)
    arrays = {}
    for split, speakers in (("train", "abcdefghijk"), ("test", "xy")):
        lengths = draw.integers(60, 120, 2 * len(speakers))
        arrays |= {
            f"{split}_feat": draw.standard_normal((lengths.sum(), 13)).astype(np.float16),
            f"{split}_len": lengths.astype(np.int32),
            f"{split}_text": np.array(list(texts) * len(speakers)),
            f"{split}_utt": np.array([f"an4/{s}/u{n}" for s in speakers for n in (1, 2)]),
        }
    np.savez(folder / "an4_mfcc13.npz", **arrays)


def test_validation_speakers_do_not_train(tmp_path):
    write_set(tmp_path)
    task = Letters(tmp_path)
    sizes = [len(task.items(split)) for split in ("train", "validation", "test")]
    assert sizes == [18, 4, 4]
    item = task.items("test")[0]
    assert len(item.x) >= 60
    assert item.x.shape[1] == CEPSTRA
    assert [SYMBOLS[label] for label in item.target] == ["A", " ", "B"]
    assert np.concatenate([i.x for i in task.items("train")]).std() == pytest.approx(1, abs=0.1)


def test_cepstra_are_slowed_from_the_first_frame_on():
    assert smoothed(np.full((4, 2), 3.0)).tolist() == [[3.0, 3.0]] * 4
    jump = np.array([[0.0, 8.0], [8.0, 8.0], [8.0, 0.0], [8.0, 0.0]])
    assert smoothed(jump).tolist() == [[0, 8], [4, 8], [6, 4], [7, 2]]


def test_losses_of_the_start_and_of_ctc_are_finite(tmp_path):
    write_set(tmp_path)
    task = Letters(tmp_path)
    item = task.epoch(np.random.default_rng(1))[0]
    net = make_net(task)
    outputs = net(torch.from_numpy(item.x)[None]).outputs
    for loss in (task.first_loss, task.loss):
        assert loss(outputs, torch.tensor([len(item.x)]), (item.target,)).isfinite()


def test_spread_labels_keep_their_order_with_blanks_between():
    frames = spread_labels([4, 4, 9], 100, 28)
    changes = frames[np.flatnonzero(np.diff(frames, prepend=-1))].tolist()
    assert changes == [28, 4, 28, 4, 28, 9, 28]
    assert set(spread_labels(list(range(20)), 24, 28)) <= set(range(29))


def test_utterances_of_digits_are_read_as_words_and_others_are_left_out(tmp_path):
    write_set(tmp_path, ("OH NINE NINE", "ONE MORE"))
    task = An4Digits(tmp_path)
    assert [len(task.items(split)) for split in ("train", "validation", "test")] == [9, 2, 2]
    item = task.items("test")[0]
    assert [task.classes[label] for label in item.target] == ["OH", "NINE", "NINE"]
    assert task.classes[:-1] == WORDS
    outputs = make_net(task)(torch.from_numpy(item.x)[None]).outputs
    assert task.loss(outputs, torch.tensor([len(item.x)]), (item.target,)).isfinite()


def test_absent_cepstra_are_named_with_their_origin(tmp_path):
    with pytest.raises(ValueError, match=r"AN4 as cepstra.* lacks an4_mfcc13\.npz"):
        Letters(tmp_path)


def test_folds_test_every_speaker_once_and_are_normalised_on_what_trains(tmp_path):
    write_set(tmp_path)
    tested = []
    for fold in range(Letters.folds):
        task = Letters(tmp_path, fold=fold)
        sides = {split: {item.source for item in task.items(split)} for split in task.parts}
        assert sum(map(len, sides.values())) == len(set.union(*sides.values())) == 13
        frames = np.concatenate([item.x.reshape(-1, 13) for item in task.items("train")])
        assert np.abs(frames.mean(axis=0)).max() < 0.02
        tested += [item.source for item in task.items("test")]
    assert sorted(tested) == sorted("abcdefghijkxy" * 2)
    with pytest.raises(ValueError, match="The fold must be 0 to 4, not 5"):
        Letters(tmp_path, fold=5)

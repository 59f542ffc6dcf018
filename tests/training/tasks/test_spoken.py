"""Clips of words as a task: features of the front end that ships, and rooms in training alone."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.audio.front_ends import read_front_end  # noqa: E402
from thresh.training.sets.keywords import Clip  # noqa: E402
from thresh.training.tasks.spoken import BANDS, ROOMS, SpokenClips  # noqa: E402


def clips(count, seed):
    draw, time = np.random.default_rng(seed), np.arange(4000) / 8000
    return [
        Clip(
            pcm=(4000 * np.sin(2 * np.pi * (400 + 600 * (number % 2)) * time)
                 + 200 * draw.standard_normal(4000)).astype(np.int16),
            label=number % 2, speaker=f"s{number}",
        )
        for number in range(count)
    ]  # fmt: skip


class Tones(SpokenClips):
    name, classes = "tones", ("low", "high")
    units, outputs = 8, 2


@pytest.fixture(scope="module")
def task():
    return Tones({"train": clips(12, 1), "validation": clips(4, 2)}, silence=0)


def test_validation_is_what_the_front_end_of_the_file_gives(task):
    front_end = read_front_end(task.front_end_of())
    for item, clip in zip(task.items("validation"), clips(4, 2), strict=True):
        np.testing.assert_array_equal(item.x * 2**front_end.x_frac, front_end.features(clip.pcm))
        assert item.source == clip.speaker


def test_training_hears_other_rooms_in_every_epoch(task):
    groups = [task.groups(4, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    first, again, other = ([item for group in one for item in group] for one in groups)
    assert [len(group) for group in groups[0]] == [4, 4, 4]
    assert sorted(item.source for item in first) == sorted(f"s{n}" for n in range(12))
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.x, same.x)
    by_source = {item.source: item.x for item in other}
    others = [(item.x != by_source[item.source]).any() for item in first]
    assert sum(others) > len(others) / 2
    assert first[0].x.shape[1] == BANDS


def test_a_clip_is_one_of_its_rooms_but_for_what_is_left_out(task):
    assert all(len(np.unique(rooms, axis=0)) == ROOMS for rooms in task.variations)
    whole = []
    for item, rooms in zip(task.epoch(np.random.default_rng(3)), task.variations, strict=True):
        differs = (item.x * 2.0**task.front_end.x_frac != rooms).sum(axis=(1, 2))
        nearest = rooms[differs.argmin()] / 2.0**task.front_end.x_frac
        assert (item.x[item.x != nearest] == 0).all()
        whole.append(differs.min() == 0)
    assert True in whole
    assert False in whole


def test_clips_are_as_they_are_when_nothing_varies(task):
    items = [i for g in task.groups(4, np.random.default_rng(1), varied=False) for i in g]
    own = {item.source: item.x for item in task.items("train")}
    for item in items:
        np.testing.assert_array_equal(item.x, own[item.source])

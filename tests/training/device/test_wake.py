"""A wake word as a task: the average of the device, the clips of an epoch, the loss."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.audio.announcements import smoothed  # noqa: E402
from thresh.training.device.wake import (  # noqa: E402
    AFTER,
    BEFORE,
    EARLY,
    ELSE,
    HOLD,
    HOP,
    LONGEST,
    NEVER,
    NOISE,
    OTHERS,
    PARTS,
    SHIFT,
    WORD,
    Heard,
    WakeWord,
    averaged,
    sounding,
)  # fmt: skip
from thresh.training.sets.keywords import Clip  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402


def test_the_average_is_that_of_the_device():
    draw = np.random.default_rng(1)
    outputs = draw.normal(0, 1000, (1, 300, 2)).cumsum(axis=1).astype(int)
    scores = smoothed(outputs[0], SHIFT)
    made = averaged(torch.tensor(outputs, dtype=torch.float64))[0].numpy()
    difference = made - (scores[:, WORD] - scores[:, ELSE])
    assert np.abs(difference).max() < 2**SHIFT + 0.01 * np.abs(outputs).max()


def clips(label, count, seed):
    """Noises, each in the middle of silence."""
    draw = np.random.default_rng(seed)
    sounds = draw.integers(-999, 999, (count, 4000)).astype(np.int16)
    sounds = np.pad(sounds, ((0, 0), (3200, 4000)))
    return [Clip(pcm=pcm, label=label, speaker=f"{label}{n}") for n, pcm in enumerate(sounds)]


@pytest.fixture(scope="module")
def task():
    sides = {
        "train": clips(WORD, 3, 1) + clips(ELSE, 18, 2) + clips(NOISE, 2, 5),
        "validation": clips(WORD, 2, 3) + clips(ELSE, 4, 4),
    }
    return WakeWord(sides, "hello")


def test_sound_is_found_between_silences(task):
    for place in task.own:
        first, last = sounding(task.logs[place])
        assert abs(first - 40) <= 4
        assert abs(last - 90) <= 4


def test_an_epoch_hears_every_clip_of_the_word_and_some_others(task):
    assert task.classes == ("_else_", "hello")
    seen = set()
    for seed in range(8):
        items = [item for group in task.groups(4, np.random.default_rng(seed)) for item in group]
        own = [item for item in items if item.target.label == WORD]
        assert sorted(item.source for item in own) == ["10", "11", "12"]
        others = [item.source for item in items if item.target == Heard(ELSE)]
        parts = [source for source in others if source in ("10", "11", "12")]
        assert len(parts) == int(PARTS * len(own))
        others = [source for source in others if source not in parts]
        assert len(others) == len(set(others)) == OTHERS * len(own)
        seen |= set(others)
        frames = len(task.logs[0])
        assert all(40 < len(item.x) <= frames + BEFORE + 1 + AFTER for item in items)
        assert all(0 < item.target.ready < len(item.x) for item in own)
    assert len(seen) == 20


def test_half_of_the_others_are_those_that_the_plain_network_takes_for_the_word(monkeypatch):
    monkeypatch.setattr("thresh.training.device.wake.HARD", 0.25)
    sides = {
        "train": clips(WORD, 2, 1) + clips(ELSE, 15, 2) + [replace(one, label=ELSE)
                                                          for one in clips(WORD, 5, 3)],
        "validation": clips(WORD, 2, 3) + clips(ELSE, 4, 4),
    }  # fmt: skip
    quiet, loud = range(2, 17), range(17, 22)
    task = WakeWord(sides, "hello")
    for place in quiet:
        task.corpora["train"].copies[place][0][:] = -4000
    net = make_net(task)
    with torch.no_grad():
        net.gru.weight_ih_l0.abs_()
        net.gru.bias_ih_l0.zero_()
        net.linear.weight[WORD], net.linear.weight[ELSE] = 1.0, -1.0
    task.pretrained(net)
    assert [task.windows[number] for number in task.hardest] == [(place, 0) for place in loud]
    groups = task.groups(4, np.random.default_rng(1))
    names = [item.source for group in groups for item in group if item.target.label == ELSE]
    assert sum(name.startswith(str(WORD)) for name in names) >= 3 == len(names) // 2
    assert (set(task.peaks), task.forgets) == (set(task.hardest), False)
    task.refined(net)
    assert (set(task.peaks), task.forgets) == (set(task.hardest), True)


def test_words_are_forgotten_in_the_last_stage_alone(task, monkeypatch):
    draw, own = np.random.default_rng(1), int(task.own[0])
    assert {task._word(own, draw, varied=True).target.gone for _ in range(8)} == {NEVER}
    monkeypatch.setattr(task, "forgets", True)
    items = [task._word(own, draw, varied=False) for _ in range(30)]
    late = [item for item in items if item.target.gone < len(item.x)]
    assert late
    assert {item.target.gone - item.target.ready for item in late} == {EARLY + HOLD}
    outputs = torch.zeros(1, 200, 2)
    outputs[:, 100:, WORD] = 20.0
    lengths = torch.tensor([200])
    kept = task.loss(outputs, lengths, (Heard(WORD, 90, 150),))
    assert kept > 10 + task.loss(outputs, lengths, (Heard(WORD, 90),))


def test_a_hard_place_is_cut_out_around_what_is_hard_in_it(task, monkeypatch):
    draw, place = np.random.default_rng(1), int(task.others[0])
    logs = dict(enumerate(task.logs)) | {place: np.zeros((1000, 20), np.int64)}
    monkeypatch.setattr(task, "logs", logs)
    monkeypatch.setattr(task, "windows", [(place, begin) for begin in range(0, 901, HOP)])
    monkeypatch.setattr(task, "peaks", {7: 741})
    begins = [task._begin(7, draw) for _ in range(50)]
    assert all(begin < 741 < begin + LONGEST for begin in begins)
    near = [task._begin(3, draw) for _ in range(200)]
    assert 300 - HOP // 2 <= min(near) < 280 < 320 < max(near) <= 300 + HOP // 2
    assert {task._begin(9, draw) for _ in range(20)} == {1000 - LONGEST}


def test_everything_else_has_a_place_for_every_second():
    sides = {"train": clips(WORD, 2, 1) + clips(ELSE, 3, 2), "validation": clips(ELSE, 2, 3)}
    long = replace(sides["train"][-1], pcm=np.tile(sides["train"][-1].pcm, 4))
    sides["train"][-1] = long
    task = WakeWord(sides, "hello")
    steps = len(task.logs[4])
    assert [begin for place, begin in task.windows if place == 4] == list(
        range(0, steps - LONGEST + HOP, HOP)
    )
    assert [begin for place, begin in task.windows if place == 2] == [0]


def test_a_part_of_the_word_is_something_else_and_its_begin_or_its_end(task):
    draw, place = np.random.default_rng(3), int(task.own[0])
    first, last = task.spans[place]
    parts = [task._part(place, draw, varied=False) for _ in range(40)]
    assert {item.target for item in parts} == {Heard(ELSE)}
    assert all(len(item.x) < (last - first) * 0.6 + BEFORE + 1 + AFTER for item in parts)


def test_noises_are_heard_behind_other_clips(task):
    assert len(task.noises) == 8 + 2
    assert set(task.corpora["train"].labels) == {ELSE, WORD}


def test_a_word_may_be_announced_near_its_end_only(task):
    draw = np.random.default_rng(3)
    for place in map(int, task.own):
        item = task._word(place, draw, varied=False)
        silent = item.x.mean(axis=1) < (item.x.mean(axis=1).max() + item.x.mean(axis=1).min()) / 2
        end = item.target.ready + EARLY
        assert not silent[end - 10 : end - 4].any()


def test_the_loss_looks_at_the_highest_average_of_the_valid_steps(task):
    outputs = torch.zeros(2, 200, 2)
    outputs[:, 150:, WORD] = 50.0
    lengths = torch.tensor([200, 150])
    right = task.loss(outputs, lengths, (Heard(WORD, 140), Heard(ELSE)))
    missed = task.loss(outputs, lengths, (Heard(WORD, 140), Heard(WORD, 140)))
    false = task.loss(outputs, lengths, (Heard(ELSE), Heard(ELSE)))
    early = task.loss(outputs, lengths, (Heard(WORD, 190), Heard(ELSE)))
    assert right < 0.8 < missed
    assert right < 5 < min(false, early)


def test_integers_keep_the_margin_and_the_word_has_half_of_it(task):
    net = make_net(task)
    x = torch.tensor(task.items("validation")[0].x[None])
    before = net(x).outputs.detach()
    task.before_integers(net)
    after = net(x).outputs.detach()
    margin = before[..., WORD] - before[..., ELSE]
    torch.testing.assert_close(after[..., WORD], margin / 2)
    torch.testing.assert_close(after[..., ELSE], -margin / 2)


def test_a_clip_is_right_when_its_highest_average_is_on_its_side(task):
    output = np.zeros((120, 2), np.float32)
    assert task.tally(output - [[0, 1]], ELSE)[1] == 0
    output[40:80, WORD] = 9
    count, wrong, entropy = task.tally(output, WORD)
    assert (count, wrong) == (1, 0)
    assert entropy < 0.01
    assert task.tally(output, ELSE)[1] == 1

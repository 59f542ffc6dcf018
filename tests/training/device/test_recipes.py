"""The recipes of the networks that ship, in small: what they say is what the golden model does."""

from functools import cache

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from rich.console import Console  # noqa: E402

from thresh.audio.announcements import smoothed  # noqa: E402
from thresh.audio.chain import read_features, read_microphone, read_spotter  # noqa: E402
from thresh.audio.decimator import Decimator  # noqa: E402
from thresh.audio.operating import Stream  # noqa: E402
from thresh.audio.spotter import NEVER  # noqa: E402
from thresh.sim.golden_runs import run_golden  # noqa: E402
from thresh.training.device import wake_recipe  # noqa: E402
from thresh.training.device.computer import LONGEST, load_talk  # noqa: E402
from thresh.training.device.keywords import DeviceKeywords  # noqa: E402
from thresh.training.device.keywords_recipe import SILENT, sitting, stages  # noqa: E402
from thresh.training.device.spoken import device_front_end  # noqa: E402
from thresh.training.device.wake import ELSE, SHIFT, WORD  # noqa: E402
from thresh.training.sets.keywords import CLASSES, Clip, load_keywords, split_of  # noqa: E402
from thresh.training.tasks.sitting import least_loss  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer.scoring import integer_outputs  # noqa: E402

QUIET = Console(quiet=True)
HASHES = [f"{number * 0x01234567 % 2**32:08x}" for number in range(1, 200)]
SPEAKERS = [
    name
    for side, count in (("train", 5), ("validation", 2), ("test", 2))
    for name in [one for one in HASHES if split_of(one) == side][:count]
]


@pytest.fixture(scope="module")
def keywords(tmp_path_factory):
    """Tones at 16 kHz in the layout of the set, of nine speakers."""
    home, draw = tmp_path_factory.mktemp("sets") / "keywords", np.random.default_rng(1)
    time = np.arange(4000) / 16000
    for number, name in enumerate(CLASSES):
        (home / name).mkdir(parents=True)
        for speaker in SPEAKERS:
            tone = 8000 * np.sin(2 * np.pi * (200 + 150 * number) * time)
            noisy = tone + draw.normal(0, 300, len(time))
            path = home / name / f"{speaker}_nohash_0.flac"
            soundfile.write(path, noisy.astype(np.int16), 16000)
    return home.parent


@pytest.fixture(scope="module")
def found(keywords, tmp_path_factory):
    class Small(DeviceKeywords):
        units, pretraining, training, around = 16, 2, 1, (0.7, 1.0)

    task = Small(keywords)
    return task, *sitting(task, tmp_path_factory.mktemp("checkpoints"), (1, 2), QUIET)


def test_the_keywords_that_ship_are_trained_as_they_were():
    control, delta = stages(DeviceKeywords)
    assert (control.name, delta.rise, delta.activity_h) == ("control of a pair", 0.25, 4.0)
    assert not delta.straight
    assert not delta.distil
    assert delta.thresholds() == pytest.approx((0.36, 0.285))


def test_the_keywords_table_says_what_the_golden_model_hears(keywords, found):
    _, network, table = found
    front_end = read_features(network)
    clips = [clip for clip in load_keywords(keywords, 8000) if split_of(clip.speaker) == "test"]
    runs = run_golden(network, [front_end.features(clip.pcm) for clip in clips])
    wrong = sum(
        run.outputs.sum(axis=0).argmax() != clip.label
        for run, clip in zip(runs, clips, strict=True)
    )
    assert table["clips"]["test"] == len(clips) > 0
    assert table["shipped"]["test_error"] == pytest.approx(100 * wrong / len(clips))
    assert table["shipped"]["seed"] in table["seeds"] == [1, 2]
    assert set(table["reductions"]) == {"1", "2"}
    assert table["low"] <= table["difference"] <= table["high"]
    assert table["scale"] == least_loss(10.0)(table["validation"])["scale"]


def test_the_keywords_network_is_a_device(found):
    task, network, table = found
    assert network.classes == CLASSES
    assert read_microphone(network) == Decimator()
    spotter = read_spotter(network)
    assert [spotter.thresholds[label] for label in SILENT] == [NEVER] * 2
    assert len(set(spotter.thresholds)) == 2
    assert table["shipped"]["announced_of"] == len(task.corpora["validation"])
    assert network.notes["test_error"] == round(table["shipped"]["test_error"], 4)


def noises(label, count, seed):
    draw = np.random.default_rng(seed)
    sounds = draw.integers(-999, 999, (count, 4000)).astype(np.int16)
    return [Clip(pcm=pcm, label=label, speaker=f"{label}{n}") for n, pcm in enumerate(sounds)]


def test_every_clip_of_the_wake_word_is_tested_once(tmp_path, monkeypatch):
    short = tuple(wake_recipe.replace(stage, epochs=1) for stage in wake_recipe.STAGES)
    monkeypatch.setattr(wake_recipe, "STAGES", short)
    monkeypatch.setattr(wake_recipe.Computer, "units", 16)
    clips = noises(WORD, 10, 1) + noises(ELSE, 30, 2)
    log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
    folds = [wake_recipe.fold_of(clips, n, log_of, tmp_path, QUIET) for n in range(5)]
    assert sum(len(one.streams[0].spans) for one in folds) == 10
    network, table = wake_recipe.summary(folds)
    assert (table["words"], table["folds"], len(table["by_fold"])) == (10, 5, 5)
    assert table["missed"] == sum(one["missed"] for one in table["by_fold"])
    steps = sum(len(stream.scores) for one in folds for stream in one.streams)
    inside = sum(b - a for one in folds for stream in one.streams for a, b in stream.spans)
    assert table["hours"] == pytest.approx((steps - inside) / 360_000)
    assert (table["elsewhere"]["words"], table["elsewhere"]["hours"]) == (10, table["hours"])
    assert read_spotter(network).thresholds == (NEVER, table["by_fold"][0]["threshold"])
    deaf = [wake_recipe.replace(one, streams=folds[1].streams) for one in folds[:1]] + folds[1:]
    assert wake_recipe.threshold_for(deaf, 0) == table["by_fold"][0]["threshold"]
    assert table["scales"] == [one.scale for one in folds]
    assert read_microphone(network) == Decimator()


def heard_as(gain):
    """A fold whose words are scored 10 and 30, and everything else 20 and 0, times a gain."""
    levels = np.repeat([10, 20, 30, 0], wake_recipe.REST) * gain
    scores = np.stack((-levels, levels), axis=1)
    spans = tuple((first, first + wake_recipe.REST) for first in (0, 2 * wake_recipe.REST))
    stream = Stream(scores=scores, spans=spans)
    return wake_recipe.Fold(
        network=None, streams=[stream], elsewhere=[], scale=30 * gain, work=None
    )  # fmt: skip


def test_a_threshold_is_that_of_the_other_networks_in_units_of_their_scale():
    folds = [heard_as(1000), heard_as(250), heard_as(4000)]
    chosen = [wake_recipe.threshold_for(folds, number) for number in range(3)]
    assert 20_000 <= chosen[0] < 30_000
    assert chosen[1] * 4 == pytest.approx(chosen[0], abs=20)
    assert chosen[2] / 4 == pytest.approx(chosen[0], abs=20)


def test_the_scale_is_the_middle_of_the_highest_scores_of_words_that_train():
    clips = noises(WORD, 10, 1) + noises(ELSE, 30, 2)
    more = noises(WORD, 3, 3)
    log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
    task = wake_recipe.Computer(clips, 0, log_of, more)
    tested = {clip.speaker for clip in task.sides["test"]}
    known = [clip for clip in clips if clip.label == WORD and clip.speaker not in tested]
    assert sorted(one.speaker for one in task.recorded) == sorted(one.speaker for one in known)
    items = task.words_elsewhere(4)
    assert [one.target for one in items] == [WORD] * len(known)
    assert [len(one.x) for one in items] == [len(log_of(clip)) for clip in task.recorded]
    network, exact = wake_recipe.in_integers(make_net(task), task)
    runs = run_golden(network, [(one.x * 2**task.front_end.x_frac).astype(int) for one in items])
    peaks = [smoothed(run.outputs, SHIFT)[:, WORD].max() for run in runs]
    assert wake_recipe.scale_of(exact, network, items) == max(1, int(np.median(peaks)))


def test_talk_has_a_folder_a_speaker_and_silence_is_none(tmp_path):
    sound = np.random.default_rng(1).integers(-999, 999, 4000).astype(np.int16)
    for path, pcm in (
        ("anna/a.wav", sound), ("anna/digits/b.wav", sound[::-1]), ("bert/c.wav", sound[1:]),
        ("bert/silence.wav", sound // 500), ("bert/click.wav", sound[:90]),
        ("bert/none.wav", sound[:0]), ("bert/d.txt", sound),
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / path, pcm, 8000, format="WAV")
    talk = load_talk(tmp_path)
    home = f"{tmp_path.parent.name}/{tmp_path.name}"
    assert [(clip.speaker, clip.label) for clip in talk] == [
        (f"{home}/anna", ELSE), (f"{home}/anna", ELSE), (f"{home}/bert", ELSE)
    ]  # fmt: skip
    np.testing.assert_array_equal(talk[2].pcm, sound[1:])
    with pytest.raises(ValueError, match="must hold one folder of recordings per speaker"):
        load_talk(tmp_path / "bert")


def test_long_talk_is_cut_into_pieces(tmp_path):
    sound = np.random.default_rng(1).integers(-999, 999, 2 * LONGEST + 900).astype(np.int16)
    (tmp_path / "anna").mkdir()
    soundfile.write(tmp_path / "anna" / "a.wav", sound, 8000)
    first, second = load_talk(tmp_path)
    np.testing.assert_array_equal(np.concatenate((first.pcm, second.pcm)), sound[: 2 * LONGEST])


def test_the_inputs_have_the_format_of_the_front_end_whatever_validation_holds():
    task = wake_recipe.Computer(
        noises(WORD, 10, 1) + noises(ELSE, 30, 2), 0, lambda c: device_front_end().log_mel(c.pcm)
    )  # fmt: skip
    for (features,) in task.corpora["validation"].copies:
        features[0] = -(1 << 14)
    network, exact = wake_recipe.in_integers(make_net(task), task)
    assert network.layers[0].x_frac == read_features(network).x_frac
    items = task.items("validation")[:2]
    runs = run_golden(network, [(one.x * 2**task.front_end.x_frac).astype(int) for one in items])
    made = integer_outputs(exact, items, network.output_frac)
    for outputs, run in zip(made, runs, strict=True):
        np.testing.assert_array_equal(outputs, run.outputs)


def test_scores_are_those_of_the_golden_model_on_the_joined_clips():
    task = wake_recipe.Computer(
        noises(WORD, 10, 1) + noises(ELSE, 30, 2), 0, lambda c: device_front_end().log_mel(c.pcm)
    )  # fmt: skip
    net = make_net(task)
    net.set_thresholds(0.4, 0.3)
    network, exact = wake_recipe.in_integers(net, task)
    items = task.items("test")
    (stream,) = wake_recipe.streams_of(exact, network, items)
    order = np.random.default_rng(0).permutation(len(items))
    joined = np.concatenate([items[place].x for place in order]) * 2**task.front_end.x_frac
    (run,) = run_golden(network, [joined.astype(np.int64)])
    np.testing.assert_array_equal(smoothed(run.outputs, SHIFT), stream.scores)

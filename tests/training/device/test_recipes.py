"""The recipes of the networks that ship, in small: what they say is what the golden model does."""

from functools import cache

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from rich.console import Console  # noqa: E402

from thresh.audio.announcements import smoothed  # noqa: E402
from thresh.audio.chain import read_features, read_microphone, read_spotter  # noqa: E402
from thresh.audio.decimator import Decimator  # noqa: E402
from thresh.audio.spotter import NEVER  # noqa: E402
from thresh.sim.golden_runs import run_golden  # noqa: E402
from thresh.training.device import wake_recipe  # noqa: E402
from thresh.training.device.computer import LONGEST, Computer, load_talk  # noqa: E402
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
    stricter = [wake_recipe.threshold_for(folds, n, wake_recipe.WANTED / 2) for n in range(5)]
    assert table["half_the_rate"]["threshold"] == stricter[0] >= table["by_fold"][0]["threshold"]
    assert table["half_the_rate"]["missed"] == sum(
        wake_recipe.point_of(one.streams, threshold).missed
        for one, threshold in zip(folds, stricter, strict=True)
    )
    assert wake_recipe.summary(folds, 3)[1]["command"] == table["command"] + " --partition 3"
    assert read_microphone(network) == Decimator()


@pytest.mark.parametrize(("partition", "written"), [(0, ["t.json", "w"]), (1, ["t-again.json"])])
def test_another_partition_leaves_what_ships(tmp_path, monkeypatch, partition, written):
    homes, table = [], dict.fromkeys(("missed", "words", "false_accepts", "hours", "reduction"), 1)
    monkeypatch.setattr(wake_recipe, "load_clips", lambda data, talk: [])
    monkeypatch.setattr(wake_recipe, "fold_of", lambda *given: homes.append(given[3]))
    monkeypatch.setattr(wake_recipe, "summary", lambda folds, partition: (None, table))
    monkeypatch.setattr(wake_recipe, "save_network", lambda network, path: path.touch())
    places = {"-o": "w", "--results": "t.json", "--checkpoints": "c"}
    options = [word for name, place in places.items() for word in (name, str(tmp_path / place))]
    found = CliRunner().invoke(wake_recipe.main, [*options, "--partition", str(partition)])
    assert found.exit_code == 0, found.output
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert set(homes) == {tmp_path / "c" / "again1" if partition else tmp_path / "c"}


def test_another_partition_tests_every_clip_once_too():
    clips = noises(WORD, 10, 1) + noises(ELSE, 30, 2)
    log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
    tested = {
        partition: [
            sorted(clip.speaker for clip in Computer(clips, n, log_of, (), partition).sides["test"])
            for n in range(5)
        ]
        for partition in (0, 1)
    }
    assert tested[0] != tested[1]
    for found in tested.values():
        assert sorted(name for names in found for name in names) == sorted(
            clip.speaker for clip in clips
        )


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

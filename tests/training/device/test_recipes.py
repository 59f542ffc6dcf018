"""The recipe of the keywords in small: it says what the golden model does. And talk, in pieces."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from rich.console import Console  # noqa: E402

from thresh.audio.chain import read_features, read_microphone, read_spotter  # noqa: E402
from thresh.audio.decimator import Decimator  # noqa: E402
from thresh.audio.spotter import NEVER  # noqa: E402
from thresh.model.model_file import load_network  # noqa: E402
from thresh.sim.golden_runs import run_golden  # noqa: E402
from thresh.training.device import keywords_recipe  # noqa: E402
from thresh.training.device.computer import LONGEST, load_talk  # noqa: E402
from thresh.training.device.keywords_recipe import SILENT, sitting  # noqa: E402
from thresh.training.device.wake import ELSE  # noqa: E402
from thresh.training.sets.keywords import CLASSES, load_keywords, split_of  # noqa: E402
from thresh.training.tasks.keywords import Keywords  # noqa: E402
from thresh.training.tasks.sitting import least_loss  # noqa: E402

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
    class Small(Keywords):
        units, pretraining = 16, 2
        pairing = replace(Keywords.pairing, epochs=2, integers=1)

    task = Small(keywords)
    return task, *sitting(task, tmp_path_factory.mktemp("checkpoints"), (1, 2), QUIET)


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


def command(data, folder, *more):
    places = {"-o": "k.safetensors", "--results": "t.json", "--checkpoints": "c"}
    words = [word for name, place in places.items() for word in (name, str(folder / place))]
    return CliRunner().invoke(keywords_recipe.main, ["--data", str(data), *words, *more])


def test_the_keywords_command_reaches_its_end_and_goes_on(keywords, tmp_path, monkeypatch):
    short = replace(Keywords.pairing, epochs=2, integers=1)
    for name, value in {"units": 16, "pretraining": 2, "pairing": short}.items():
        monkeypatch.setattr(Keywords, name, value)
    found = command(keywords, tmp_path, "--seed", "2", "--seed", "3")
    assert found.exit_code == 0, found.output
    assert "seed 3, control of a pair: epoch 1" in found.output
    table = json.loads((tmp_path / "t.json").read_text())
    network = load_network(tmp_path / "k.safetensors")
    assert (table["seeds"], network.notes["seed"]) == ([2, 3], table["shipped"]["seed"])
    assert read_spotter(network).thresholds[SILENT[0]] == NEVER
    again = command(keywords, tmp_path, "--seed", "2", "--seed", "3")
    assert again.exit_code == 0, again.output
    assert "epoch" not in again.output
    assert json.loads((tmp_path / "t.json").read_text()) == table


def test_the_keywords_command_wants_recordings(tmp_path):
    found = command(tmp_path, tmp_path)
    assert found.exit_code == 2
    assert "keywords" in found.output
    assert not (tmp_path / "t.json").exists()


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

"""Recordings of a word and of everything else: their parts, their pieces, and refusals."""

from pathlib import Path

import numpy as np
import pytest
from hearing.tones import tone_folder, write_clip

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.data.labelled import class_folders, folder_digest  # noqa: E402
from thresh.model.model_file import load_network  # noqa: E402
from thresh.own_training import settings_of  # noqa: E402
from thresh.training.device.wake import DELTA, ELSE, WORD  # noqa: E402
from thresh.training.user.settings import Settings  # noqa: E402
from thresh.training.user.training import stages  # noqa: E402
from thresh.training.user.wake import DEFAULTS, load_wake_data  # noqa: E402

EXAMPLES = Path(__file__).parents[3] / "examples"
SETTINGS = Settings(validation=0.25, test=0.25)


def test_what_settings_leave_out_is_of_the_kind_of_training(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("units = 24\n")
    assert settings_of(path, "word") == DEFAULTS.model_copy(update={"units": 24})
    assert settings_of(path) == Settings(units=24)
    assert (settings_of(None, "word"), settings_of(None)) == (DEFAULTS, Settings())
    assert settings_of(SETTINGS, "word") is SETTINGS


def test_the_word_is_trained_as_the_one_that_ships():
    found = stages(DEFAULTS, 1.0)[1]
    for name in ("activity_h", "rise", "straight", "dropout", "distil", "epochs"):
        assert getattr(found, name) == getattr(DELTA, name)
    shipped = load_network(EXAMPLES / "wake-computer-gru128.safetensors")
    assert shipped.layers[0].hidden == DEFAULTS.units


def test_every_recording_is_in_one_part_and_its_pieces_with_it(tmp_path):
    home = tone_folder(tmp_path, words=8, others=8)
    write_clip(home / "hum" / "long.wav", 150, seconds=7.0)
    made = load_wake_data(home, "word", SETTINGS)
    files = [path for part in made.recordings.values() for path, _ in part]
    assert sorted(files) == sorted(path for path, _ in class_folders(home))
    counts = {part: sum(own for _, own in files) for part, files in made.recordings.items()}
    assert counts == {"train": 4, "validation": 2, "test": 2}
    by_part = {
        part: set(np.array(made.task.corpora[part].sources)) for part in made.recordings
    }  # fmt: skip
    assert not by_part["train"] & by_part["test"]
    pieces = [len(x) for x in made.data.sequences]
    assert len(pieces) == 16 + 3
    assert sum(made.data.labels == WORD) == 8
    assert sum(made.data.labels == ELSE) == 11
    assert made.data.split["digest"] == folder_digest(class_folders(home))
    assert sorted(one for part in made.data.parts.values() for one in part) == list(range(19))


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        (["hum"], "must hold a folder of audio files named word"),
        (["word"], "holds recordings of word only"),
    ],
)
def test_refuses_half_of_it(tmp_path, folders, sentence):
    for name in folders:
        for number in range(6):
            write_clip(tmp_path / name / f"{number}.wav", 300)
    with pytest.raises(ValueError, match=sentence):
        load_wake_data(tmp_path, "word", SETTINGS)


def test_refuses_what_is_no_folder_and_what_is_too_short(tmp_path):
    with pytest.raises(ValueError, match="must be a folder with one folder of audio files named"):
        load_wake_data(write_clip(tmp_path / "one.wav", 300), "word", SETTINGS)
    home = tone_folder(tmp_path / "set")
    write_clip(home / "word" / "w0.wav", 300, seconds=0.01)
    with pytest.raises(
        ValueError, match=r"w0\.wav is too short: 80 samples, and a frame needs 200"
    ):
        load_wake_data(home, "word", SETTINGS)

"""The FSDD loader: its splits, and one sentence when the set is absent."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from cli_cases import small_network, write_tone  # noqa: E402

from thresh.data.audio_file import write_wav  # noqa: E402
from thresh.data.inputs import load_inputs  # noqa: E402
from thresh.training.sets.fsdd import data_directory, load_fsdd  # noqa: E402


@pytest.fixture
def folder(tmp_path):
    recordings = tmp_path / "fsdd" / "recordings"
    recordings.mkdir(parents=True)
    for digit in (3, 7):
        for index in (0, 4, 5, 7, 8, 49):
            pcm = np.full(10, index, np.int16)
            write_wav(recordings / f"{digit}_mary_ann_{index}.wav", pcm, 8000)
    write_wav(recordings / "notes.wav", np.zeros(10, np.int16), 8000)
    return tmp_path


@pytest.mark.parametrize(
    ("split", "indices"), [("test", {0, 4}), ("validation", {5, 7}), ("train", {8, 49})]
)
def test_split_follows_the_index(folder, split, indices):
    recordings = load_fsdd(data_directory(folder), split)
    assert {int(one.pcm[0]) for one in recordings} == indices
    assert {one.digit for one in recordings} == {3, 7}
    assert {one.speaker for one in recordings} == {"mary_ann"}


@pytest.mark.parametrize("split", ["test", "validation", "train"])
def test_a_split_of_the_commands_is_what_trains_and_tests(tmp_path, split):
    (tmp_path / "recordings").mkdir()
    for take in range(50):
        write_tone(tmp_path / "recordings" / f"3_mary_{take}.wav")
    heard = load_inputs(tmp_path, small_network(audio=True), split=split)
    names = [
        f"{one.digit}_{one.speaker}_{one.take}.wav"
        for one in load_fsdd(tmp_path / "recordings", split)
    ]
    assert [item.name for item in heard] == names


def test_directory_is_found_at_every_level_and_by_environment(folder, monkeypatch):
    wanted = folder / "fsdd" / "recordings"
    assert data_directory(wanted) == data_directory(folder / "fsdd") == wanted
    monkeypatch.setenv("THRESH_DATA", str(folder))
    assert data_directory() == wanted


def test_absence_says_where_the_set_comes_from(tmp_path, monkeypatch):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    with pytest.raises(ValueError, match=r"no directory is given: clone https://github.com/Jakob"):
        data_directory()
    with pytest.raises(ValueError, match=r"holds no recordings: clone https://github.com/Jakob"):
        data_directory(tmp_path)


def test_refuses_an_unknown_split(folder):
    with pytest.raises(ValueError, match="test, validation, train, not 'dev'"):
        load_fsdd(data_directory(folder), "dev")

"""The FSDD loader: official split, and one sentence when the set is absent."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.data.audio_file import write_wav  # noqa: E402
from thresh.training.sets.fsdd import SPLITS, data_directory, load_fsdd  # noqa: E402


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


def test_splits_are_disjoint_and_cover_the_set():
    indices = [index for split in SPLITS.values() for index in split]
    assert sorted(indices) == list(range(50))
    assert list(SPLITS["test"]) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("split", "indices"), [("test", {0, 4}), ("validation", {5, 7}), ("train", {8, 49})]
)
def test_split_follows_the_index(folder, split, indices):
    recordings = load_fsdd(data_directory(folder), split)
    assert {int(one.pcm[0]) for one in recordings} == indices
    assert {one.digit for one in recordings} == {3, 7}
    assert {one.speaker for one in recordings} == {"mary_ann"}


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

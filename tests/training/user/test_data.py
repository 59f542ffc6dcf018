"""A user's own data: integers, parts, and one sentence for what cannot be learned from."""

import numpy as np
import pytest
from labelled_cases import CLASSES, write_tones, write_waves

from thresh.audio.front_end import FrontEnd
from thresh.training.user.data import HALF, load_user_data
from thresh.training.user.settings import Settings


@pytest.fixture
def waves(tmp_path):
    return write_waves(tmp_path / "waves.npz")


def changed(path, **arrays):
    """The file with other arrays; None removes one."""
    kept = {name: value for name, value in (dict(np.load(path)) | arrays).items()
            if value is not None}  # fmt: skip
    np.savez(path, **kept)
    return path


def test_floats_take_half_the_range_and_keep_their_unit(waves):
    data = load_user_data(waves, Settings())
    largest = max(np.abs(x).max() for x in data.sequences)
    assert HALF / 2 < largest <= HALF
    stored = np.load(waves)
    length = stored["lengths"][0]
    np.testing.assert_allclose(
        data.sequences[0] / 2.0**data.x_frac, stored["x"][0, :length], atol=2.0**-data.x_frac
    )
    assert data.frac == 12
    assert data.scaling is None
    assert 0.5 < data.deviation < 4


def test_integers_are_numbers_as_floats_are(waves):
    x = np.load(waves)["x"].astype(np.int16)
    data = load_user_data(changed(waves, x=x), Settings())
    meant = data.sequences[0] / 2.0**data.x_frac
    np.testing.assert_array_equal(meant, x[0, : len(data.sequences[0])])
    floats = load_user_data(changed(waves, x=x.astype(float)), Settings())
    assert floats.x_frac == data.x_frac
    large = load_user_data(changed(waves, x=x * 1000), Settings())
    np.testing.assert_allclose(large.sequences[0], data.sequences[0], rtol=0.05, atol=20)


def test_parts_hold_every_class_and_nothing_twice(waves):
    data = load_user_data(waves, Settings(validation=0.1, test=0.2))
    assert data.classes == CLASSES
    assert sorted(place for part in data.parts.values() for place in part) == list(range(90))
    assert [len(part) for part in data.parts.values()] == [63, 9, 18]
    assert {tuple(np.unique(data.labels[part])) for part in data.parts.values()} == {(0, 1, 2)}


def test_folders_of_clips_become_features_of_the_training_part(tmp_path):
    data = load_user_data(write_tones(tmp_path), Settings(validation=0.2, test=0.2))
    assert data.classes == ("high", "low")
    assert data.labels.tolist() == [0] * 6 + [1] * 6
    assert data.sequences[0].shape[1] == FrontEnd.from_dict(data.front_end).bands
    assert data.deviation == pytest.approx(1, rel=0.2)


def test_clips_of_other_rates_are_said(tmp_path):
    data = load_user_data(write_tones(tmp_path, rate=16000), Settings())
    assert data.notes == ("12 of 12 clips were mixed or resampled",)


@pytest.mark.parametrize(
    ("factor", "offset", "why"), [((1, 1, 100), 0, "differ by"), ((1, 1, 1), 100, "far from zero")]
)
def test_inputs_that_are_hard_to_learn_from_are_scaled(waves, factor, offset, why):
    x = np.load(waves)["x"] * factor + offset
    data = load_user_data(changed(waves, x=x), Settings())
    assert why in data.notes[0]
    frames = np.concatenate([data.sequences[place] for place in data.parts["train"]])
    np.testing.assert_allclose(frames.mean(axis=0) / 2.0**data.x_frac, 0, atol=1e-3)
    np.testing.assert_allclose(frames.std(axis=0) / 2.0**data.x_frac, 1, atol=1e-3)
    length = len(data.sequences[0])
    expected = np.round(data.scaling.apply(x[0, :length]) * 2.0**data.x_frac)
    assert np.abs(data.sequences[0] - expected).max() <= 1


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ({"labels": None}, "lacks the array 'labels'"),
        ({"x": None}, "lacks the array 'x'"),
        ({"labels": np.zeros(90, int)}, "one class only, slow: there is nothing to learn"),
        ({"labels": np.arange(90) % 2}, "Class fast of waves.npz has no sequences"),
        ({"labels": np.arange(90) % 2 * 2, "classes": None}, "Class 1 of waves.npz has no seq"),
        ({"labels": np.arange(90) % 4}, "labels holds 3, but there are 3 classes"),
        ({"labels": np.zeros((90, 2))}, "labels of waves.npz are floats, and training needs"),
        ({"labels": np.array([0, 1] + [2] * 88)}, "Class fast has 88|Class middle has 1 of"),
        ({"x": np.zeros((90, 16, 3))}, "x of waves.npz is zero everywhere"),
        ({"x": np.full((90, 16, 3), np.nan)}, "Sequence 0 of waves.npz holds values that are not"),
    ],
)
def test_data_that_cannot_be_learned_from_are_refused(waves, arrays, text):
    with pytest.raises(ValueError, match=text):
        load_user_data(changed(waves, **arrays), Settings())


def test_places_that_hold_no_data_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must hold one folder of audio files per class"):
        load_user_data(tmp_path, Settings())
    (tmp_path / "x.npy").touch()
    with pytest.raises(ValueError, match=r"x\.npy must be a \.npz or a folder"):
        load_user_data(tmp_path / "x.npy", Settings())
    with pytest.raises(FileNotFoundError):
        load_user_data(tmp_path / "none", Settings())
    write_tones(tmp_path / "clips")
    (tmp_path / "clips" / "silence").mkdir()
    with pytest.raises(ValueError, match="Class silence of clips has no sequences"):
        load_user_data(tmp_path / "clips", Settings())

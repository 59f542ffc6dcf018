"""Settings of a training from a TOML file."""

import pytest

from thresh.training.user.settings import Settings, read_settings


def write(path, text):
    path.write_text(text)
    return path


def test_entries_are_read_and_the_rest_is_default(tmp_path):
    found = read_settings(write(tmp_path / "a.toml", 'data = "x.npz"\nunits = 32\nbits = 4\n'))
    assert found == Settings(data=tmp_path / "x.npz", units=32, bits=4)


def test_what_is_left_out_is_otherwise(tmp_path):
    own = Settings(units=24, threshold_h=0.1, layers=2)
    found = read_settings(write(tmp_path / "a.toml", "units = 32\n"), own)
    assert found == Settings(units=32, threshold_h=0.1, layers=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("units = 0", "a.toml: units: Input should be greater than or equal to 1, not 0"),
        ("bits = 16", "bits: Input should be 4 or 8, not 16"),
        ("unit = 3", "a.toml: there is no setting unit; there are data, name, layers, units"),
        ('decision = "ctc"', "decision: Input should be 'mean' or 'last', not 'ctc'"),
        ("validation = 1.5", "validation: Input should be less than 1"),
        ('units = "many"', "units: Input should be a valid integer"),
        ("units = ", "a.toml is not a TOML file"),
        (
            "threshold_h = 3",
            "a.toml: threshold_h: it should be a number from 0 to below 2, or a list of",
        ),
        ("threshold_h = 2", "threshold_h: it should be a number from 0 to below 2, or .* not 2"),
        (
            'threshold_h = "low"',
            "threshold_h: it should be a number from 0 to below 2, .* not 'low'",
        ),
        ("threshold_h = [0.1, true]", "threshold_h: it should be a number from 0 to below 2"),
        ("layers = 2\nthreshold_h = [0.1]", "it should be one number, or one for each of 2 layers"),
        ("chrono = 1.5", r"chrono: it should be 0, or 2 steps or more, not 1\.5"),
        ("noise = 1.5", "noise: Input should be less than or equal to 1"),
        ("distil = -1", "distil: Input should be greater than or equal to 0"),
    ],
)
def test_entries_that_are_none_are_refused(tmp_path, text, said):
    with pytest.raises(ValueError, match=said):
        read_settings(write(tmp_path / "a.toml", text))


def test_layers_have_thresholds_of_their_own(tmp_path):
    text = "layers = 2\nthreshold_h = [0.2, 1]\n"
    assert read_settings(write(tmp_path / "a.toml", text)).threshold_h == (0.2, 1.0)
    assert read_settings(write(tmp_path / "a.toml", "threshold_h = 1")).threshold_h == 1.0

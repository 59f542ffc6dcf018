"""Synthesised recordings: what is said, by whom, and where it lies."""

from collections import Counter

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.training.device import synthesised
from thresh.training.device.computer import load_synthesised
from thresh.training.device.languages import DICTIONARIES, Vocabulary
from thresh.training.device.wake import ELSE, WORD

SPEAKER = """#!/bin/sh
for last; do :; done
cp {sound} "$last"
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of synthesizers that speak with one voice, alone in the path with `cp`."""

    home, sound = tmp_path / "bin", tmp_path / "sound.wav"
    home.mkdir()
    soundfile.write(sound, np.arange(4000, dtype=np.int16), 16000)
    for name in ("flite", "espeak-ng"):
        (home / name).write_text(SPEAKER.format(sound=sound))
        (home / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    monkeypatch.setattr(synthesised, "WORDS", (2, 1))
    monkeypatch.setattr(synthesised, "SENTENCES", (1, 3))
    return home


def test_the_word_is_said_by_voices_that_know_english_and_sentences_never_hold_it():
    made = list(synthesised.commands())
    assert made == list(synthesised.commands())
    folders = Counter((folder, command[0]) for folder, command in made)
    assert folders == {
        ("talk", "flite"): 360, ("talk", "espeak-ng"): 360, ("computer", "flite"): 40,
        ("computer", "espeak-ng"): 60,
    }  # fmt: skip
    for folder, command in made:
        words = command[-2].split()
        if folder == "computer":
            assert words == ["computer"]
            assert command[0] == "flite" or command[2].split("+")[0] in synthesised.ENGLISH
        else:
            assert len(words) == synthesised.LENGTH
            assert "computer" not in words
    near = sum(word in set(synthesised.NEAR.split()) for _, one in made for word in one[-2].split())
    assert 0.2 < near / (720 * synthesised.LENGTH) < 0.4


def test_recordings_lie_in_two_folders_and_are_read_as_the_word_and_something_else(
    programs, tmp_path
):
    done = CliRunner().invoke(synthesised.main, [str(tmp_path / "made")])
    assert (done.exit_code, done.output) == (0, f"7 recordings in {tmp_path / 'made'}\n")
    clips = load_synthesised(tmp_path / "made")
    assert [clip.label for clip in clips] == [ELSE] * 4 + [WORD] * 3
    assert all(len(clip.pcm) == 2000 for clip in clips)


def test_other_languages_are_read_by_voices_that_know_them(monkeypatch, tmp_path):
    monkeypatch.setattr(
        synthesised, "vocabulary",
        lambda folder, language, draw: Vocabulary(
            language=language, near=("n" + language,), common=("c" + language,)
        ),
    )  # fmt: skip
    english, made = list(synthesised.commands()), list(synthesised.commands(tmp_path))
    assert made[: len(english)] == english
    foreign = made[len(english) :]
    assert len(foreign) == synthesised.FOREIGN * len(DICTIONARIES)
    for folder, command in foreign:
        language = command[2].split("+")[0]
        assert (folder, command[0]) == ("talk", "espeak-ng")
        assert set(command[-2].split()) <= {"n" + language, "c" + language}
    assert {command[2].split("+")[0] for _, command in foreign} == set(DICTIONARIES)
    near = sum(word.startswith("n") for _, one in foreign for word in one[-2].split())
    assert 0.25 < near / (len(foreign) * synthesised.LENGTH) < 0.35


def test_a_dictionary_that_is_missing_is_named(programs, tmp_path):
    made = [str(tmp_path / "made"), "--dictionaries", str(tmp_path)]
    done = CliRunner().invoke(synthesised.main, made)
    expected = f"Error: {tmp_path} must hold hunspell/cs_CZ.dic, a list of words\n"
    assert (done.exit_code, done.output) == (2, expected)


def test_a_synthesizer_that_is_missing_or_silent_is_named(programs, tmp_path, monkeypatch):
    (programs / "espeak-ng").write_text("#!/bin/sh\necho no voice >&2\nexit 1\n")
    done = CliRunner().invoke(synthesised.main, [str(tmp_path / "made")])
    assert (done.exit_code, done.output) == (2, "Error: espeak-ng does not speak: no voice\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(synthesised.main, [str(tmp_path / "made")])
    assert done.exit_code == 2
    assert "The speech synthesizer flite is needed and was not found" in done.output


def test_a_folder_that_was_not_written_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be written by python -m "):
        load_synthesised(tmp_path)

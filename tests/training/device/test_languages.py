"""Words of other languages: which are drawn, and which sound like parts of the word."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.training.device import languages
from thresh.training.device.languages import DICTIONARIES, NEAR, vocabulary, words_in

READER = """#!/bin/sh
while read word; do case $word in *ture.) echo "{end}";; *) echo sˈak;; esac; done
"""


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Installs an eSpeak NG that reads words in "ture" as is asked, and all others alike."""

    def install(end="vwatˈyʁ"):
        home = tmp_path / "bin"
        home.mkdir(exist_ok=True)
        (home / "espeak-ng").write_text(READER.format(end=end))
        (home / "espeak-ng").chmod(0o755)
        monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")

    monkeypatch.setattr(languages, "SAMPLE", 6)
    install()
    return install


def write(folder, language, *words):
    path = folder / DICTIONARIES[language]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(words) + "\n", encoding="utf-8")


def draw():
    return np.random.default_rng(1)


def test_words_are_near_by_their_sound_and_the_word_itself_is_neither(reader, tmp_path):
    write(tmp_path, "fr", "sac", "Voiture", "lac", "computer", "clôture", "tasse")
    found = vocabulary(tmp_path, "fr", draw())
    assert (found.language, found.near) == ("fr", ("voiture", "clôture"))
    assert found.common == ("sac", "lac", "tasse")


@pytest.mark.parametrize(
    "sounds", ["kompletˈo", "kɔmˈandʁ", "dispˈjuːtə", "vwatˈyʁ", "mˈɪnuta", "aktˈœʁ", "vˈaːtɜ"]
)
def test_a_begin_a_middle_and_an_end_of_the_word_are_near(sounds):
    assert NEAR.search(sounds.replace("ˈ", "").replace("ː", ""))


@pytest.mark.parametrize("sounds", ["sak", "dəmˈɛ̃", "pɔʁtˈe", "kˈasa", "stɔl"])
def test_other_sounds_are_not(sounds):
    assert not NEAR.search(sounds.replace("ˈ", ""))


@pytest.mark.parametrize("word", ["computers", "komputer", "minicomputer", "компьютерный"])
def test_the_word_is_known_in_every_spelling(word):
    assert languages.ITSELF.search(word)
    assert not languages.ITSELF.search("computador")


def test_words_are_read_without_rules_and_without_abbreviations(tmp_path):
    write(tmp_path, "cs", "4", "Aachen", "ZKRATKA", "dům/H", "že", "po-sobě", "slovo/AB")
    assert words_in(tmp_path / DICTIONARIES["cs"]) == ["aachen", "dům", "slovo"]


def test_dictionaries_that_cannot_serve_are_refused(reader, tmp_path):
    with pytest.raises(ValueError, match="must hold dict/french, a list of words"):
        vocabulary(tmp_path, "fr", draw())
    write(tmp_path, "fr", "sac", "lac")
    with pytest.raises(ValueError, match="must hold 6 words or more, not 2"):
        vocabulary(tmp_path, "fr", draw())
    write(tmp_path, "fr", *["sac"] * 6)
    with pytest.raises(ValueError, match=r"No word that was drawn from .* sounds like a part"):
        vocabulary(tmp_path, "fr", draw())
    write(tmp_path, "fr", *["voiture"] * 6)
    reader("one\nmore")
    with pytest.raises(ValueError, match="must read 6 words of fr, and read 12"):
        vocabulary(tmp_path, "fr", draw())

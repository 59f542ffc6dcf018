"""Words of other languages from dictionaries: many, and those that sound like parts of a word.

The sounds are those that eSpeak NG gives a word in its language, and "computer" is what they are
compared with: how it begins, its middle, and its end.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DICTIONARIES = {
    "cs": "hunspell/cs_CZ.dic", "de": "dict/ngerman", "es": "dict/spanish", "fr": "dict/french",
    "it": "dict/italian", "nl": "dict/dutch", "pl": "dict/polish", "pt": "dict/portuguese",
    "ru": "hunspell/ru_RU.dic",
}  # fmt: skip
"""Lists of words by eSpeak NG's name of their language, as Debian's packages unpack them."""

SAMPLE, SHORTEST = 5000, 3
"""Words of a language that are drawn, and their fewest letters."""

NEAR = re.compile(
    "^k[oɔʌaəɐ][nm]?[pbmf]|[pb][jɥʲ]*[uyʊ]t|[uyʊ]t[aɐəɛeoɔ]?[rɾʁɹ]?$|t[yœøɐɜ]ʁ?$|tə[rɾʁ]$"
)
"""Sounds of words that begin like "computer", hold its middle, or end like it."""

ITSELF = re.compile("[ck]omp[iuj]+ter|компьютер")
"""Spellings of the word in other languages: neither the word nor anything else."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Words of a language.

    Parameters
    ----------
    language : str
        As eSpeak NG calls it.
    near, common : tuple of str
        Those that sound like the word or a part of it, and all others.
    """

    language: str
    near: tuple[str, ...]
    common: tuple[str, ...]


def words_in(path: Path) -> list[str]:
    """Words of a list, one a line: a dictionary's, or Hunspell's with rules behind a slash."""
    lines = path.read_text(encoding="utf-8").splitlines()
    words = (line.split("/")[0] for line in lines)
    return [
        word.lower() for word in words
        if len(word) >= SHORTEST and word.isalpha() and not word.isupper()
    ]  # fmt: skip


def sounds_of(words: list[str], language: str) -> list[str]:
    """What eSpeak NG reads of each word, in IPA without marks of stress and length.

    Raises
    ------
    ValueError
        When it does not read one line for each.
    """
    done = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", language], input="".join(f"{word}.\n" for word in words),
        capture_output=True, text=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if done.returncode or len(lines) != len(words):
        raise ValueError(
            f"eSpeak NG must read {len(words)} words of {language}, and read {len(lines)}"
        )
    return [re.sub("[ˈˌːˑ_ ]", "", line) for line in lines]


def vocabulary(folder: Path, language: str, draw: np.random.Generator) -> Vocabulary:
    """Words of a language, drawn from its dictionary.

    Parameters
    ----------
    folder : Path
        Holds what `DICTIONARIES` names.
    language : str
    draw : numpy.random.Generator

    Raises
    ------
    ValueError
        When the dictionary is missing or small, or no word of it sounds like a part of the word.
    """
    path = folder / DICTIONARIES[language]
    if not path.is_file():
        raise ValueError(f"{folder} must hold {DICTIONARIES[language]}, a list of words")
    every = words_in(path)
    if len(every) < SAMPLE:
        raise ValueError(f"{path} must hold {SAMPLE} words or more, not {len(every)}")
    chosen = [every[place] for place in np.sort(draw.choice(len(every), SAMPLE, replace=False))]
    chosen = [word for word in chosen if not ITSELF.search(word)]
    near = [bool(NEAR.search(sound)) for sound in sounds_of(chosen, language)]
    if not any(near):
        raise ValueError(f"No word that was drawn from {path} sounds like a part of the word")
    return Vocabulary(
        language=language,
        near=tuple(word for word, is_near in zip(chosen, near, strict=True) if is_near),
        common=tuple(word for word, is_near in zip(chosen, near, strict=True) if not is_near),
    )

"""The synthesized clips: regenerated exactly, held out of training, refused without eSpeak NG."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.data.audio_file import read_audio  # noqa: E402
from thresh.training.digits import clips  # noqa: E402
from thresh.training.sets.polyphase import resample  # noqa: E402

EXAMPLES = Path(__file__).parent.parent.parent.parent / "examples"


def test_no_voice_is_in_two_sets():
    shipped = {voice.name.partition("+")[2] for voice in clips.SHIPPED}
    sets = [shipped, set(clips.TRAINING_VARIANTS), set(clips.VALIDATION_VARIANTS)]
    assert sum(map(len, sets)) == len(set.union(*sets))


@pytest.mark.parametrize(("came", "wanted"), [(22_050, 8000), (95, 100)])
def test_resampling_of_the_recipe_keeps_a_tone(came, wanted):
    def tone(rate):
        return 10_000 * np.sin(2 * np.pi * 0.1 * np.arange(10 * rate) / rate)

    kept = resample(tone(came), came, wanted)
    assert len(kept) == 10 * wanted
    assert np.abs(kept - tone(wanted))[200:-200].max() < 1


def test_trim_keeps_the_loud_part_and_a_margin():
    pcm = np.zeros(4000, np.int16)
    pcm[1000:2000] = 500
    assert len(clips.trim(pcm)) == 1000 + 2 * 160 - 1
    assert len(clips.trim(np.zeros(10, np.int16))) == 10


def test_without_the_synthesizer_one_sentence_and_status_two(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda command: None)
    result = CliRunner().invoke(clips.main, [str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "espeak-ng is needed and was not found" in result.output
    assert not (tmp_path / "out").exists()


def test_shipped_clips_are_short_8_khz_and_small():
    sizes = []
    for word in clips.DIGITS:
        path = EXAMPLES / f"{word}.wav"
        pcm, note = read_audio(path, clips.RATE)
        assert note is None
        assert len(pcm) < clips.RATE
        sizes.append(path.stat().st_size)
    assert sum(sizes) < 200_000


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_takes_are_repeatable_and_named():
    first, second = (clips.takes(("m1", "f1"), 1, seed=3) for _ in range(2))
    assert [one.digit for one in first] == list(range(10))
    assert all(one.speaker.startswith("espeak-ng en-") for one in first)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.pcm, other.pcm)

"""docs/wake-word.md: its commands run as they stand."""

import re
import shlex
from pathlib import Path

from hearing.tones import tone_folder

from thresh.cli.main import run

TEXT = (Path(__file__).parent.parent.parent / "docs" / "wake-word.md").read_text()
COMMANDS = [shlex.split(line)[1:] for line in re.findall("^    (thresh .*)$", TEXT, re.M)]


def test_three_commands_lead_from_recordings_to_a_device():
    assert [words[0] for words in COMMANDS[:3]] == ["train", "score", "build"]


def test_training_and_scoring_run_as_they_stand(tmp_path, monkeypatch, capfd, torch):
    from thresh.training.user import wake

    short = {"units": 8, "plain": 3, "delta": 2, "quantised": 1}
    monkeypatch.setattr(wake, "DEFAULTS", wake.DEFAULTS.model_copy(update=short))
    monkeypatch.chdir(tmp_path)
    train, score, _ = COMMANDS[:3]
    tone_folder(tmp_path / train[train.index("--data") + 1], words=8, others=8)
    word = train[train.index("--wake") + 1]
    (tmp_path / "recordings" / "word").rename(tmp_path / "recordings" / word)
    tone_folder(tmp_path / score[2])
    (tmp_path / score[2] / "word").rename(tmp_path / score[2] / word)
    assert run(train) == 0, capfd.readouterr().err
    assert run(score) == 0, capfd.readouterr().err
    assert "<svg" in (tmp_path / "curve.html").read_text()

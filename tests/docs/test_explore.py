"""docs/explore.md: its commands run as they stand, and its settings are the defaults."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from labelled_cases import write_waves

from thresh.cli.main import run
from thresh.model.model_file import load_network
from thresh.training.user.settings import Settings

TEXT = (Path(__file__).parent.parent.parent / "docs" / "explore.md").read_text()
COMMANDS = [shlex.split(line)[1:] for line in re.findall("^    (thresh .*)$", TEXT, re.M)]


def test_there_are_three_commands():
    assert [words[0] for words in COMMANDS] == ["train", "explore", "sim"]


def test_the_three_commands_lead_from_data_to_a_simulation(tmp_path, monkeypatch, capfd, torch):
    pytest.importorskip("distributed", reason="the extra [explore] is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("thresh.tuning.explore.os.cpu_count", lambda: 1)
    write_waves(tmp_path / "waves.npz", count=60, frames=12)
    for words in COMMANDS:
        assert run(words) == 0, capfd.readouterr().err
    first, tuned = (load_network(tmp_path / f"{name}.safetensors") for name in ("waves", "tuned"))
    assert tuned.notes["explore"]["split"] == "validation"
    assert tuned.layers[0].threshold_h >= 0
    assert tuned.layers[0].weight_h.shape == first.layers[0].weight_h.shape
    assert (tmp_path / "explore.html").exists()
    assert re.search(r"mismatches +│ 0 ", capfd.readouterr().out)


def test_the_settings_shown_are_the_defaults():
    shown = tomllib.loads(re.search("```toml\n(.*?)```", TEXT, re.S)[1])
    assert set(shown) == set(Settings.model_fields)
    kept = {name: value for name, value in shown.items() if name not in ("data", "name", "longest")}
    assert kept == Settings().model_dump(include=set(kept))

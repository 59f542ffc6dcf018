"""Commands whose JSON is kept."""

import shutil

import pytest

from bench import run
from bench.command import thresh

MODEL = "examples/digits-gru128.safetensors"


def test_a_result_names_its_command_without_what_is_of_this_machine(monkeypatch, tmp_path):
    recordings = tmp_path / "fsdd" / "recordings"
    recordings.mkdir(parents=True)
    shutil.copy(run.ROOT / "examples" / "seven.wav", recordings / "7_espeak_0.wav")
    monkeypatch.setenv("THRESH_DATA", str(tmp_path))
    said, status = thresh("golden", MODEL, "DATA", local=("--split", "all"))
    assert status == 0
    assert said["command"] == f"thresh golden {MODEL} DATA"
    assert (said["sequences"], said["accuracy"]) == (1, 1.0)


def test_a_command_that_says_nothing_ends_the_bench():
    with pytest.raises(SystemExit, match=r"thresh golden missing examples failed with status 2"):
        thresh("golden", "missing", "examples")


def test_a_folder_without_recordings_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("THRESH_DATA", str(tmp_path))
    assert not run.measure("golden-fsdd", run.BENCHES["golden-fsdd"])
    assert f"{tmp_path} holds no recordings" in capsys.readouterr().out


def test_what_needs_recordings_is_skipped_without_them(monkeypatch, capsys):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    assert run.measure("golden-fsdd", run.BENCHES["golden-fsdd"])
    assert "skipped" in capsys.readouterr().out


def test_a_result_is_kept_as_it_was_published(monkeypatch, tmp_path):
    published = run.RESULTS / "golden-clips.json"
    monkeypatch.setattr(run, "RESULTS", tmp_path / "docs" / "results")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    run.RESULTS.mkdir(parents=True)
    assert run.measure("golden-clips", run.BENCHES["golden-clips"])
    assert (run.RESULTS / "golden-clips.json").read_text() == published.read_text()

"""`thresh flash` without a board."""

import os

import pytest
from cli_cases import answer, refusal
from hearing.networks import hearing_network

from thresh.cli.main import run
from thresh.model.model_file import save_network


@pytest.fixture(autouse=True)
def loader(monkeypatch, tmp_path):
    """An openFPGALoader that finds nothing, in an empty working folder."""
    program = tmp_path / "bin" / "openFPGALoader"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\necho 'unable to open ftdi device: -3 (device not found)'\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def built(tmp_path):
    """Leaves a bitstream where `thresh build` does."""

    def leave(board: str, suffix: str) -> None:
        (tmp_path / "build" / board).mkdir(parents=True)
        (tmp_path / "build" / board / f"thresh.{suffix}").write_bytes(b"bits")

    return leave


def test_a_dry_run_says_the_command_and_runs_nothing(capsys, built):
    built("icebreaker", "bin")
    data = answer(capsys, "flash", "icebreaker", "--dry-run")
    assert data["written"] is False
    assert data["command"][1:3] == ["--board", "ice40_generic"]
    assert data["command"][-1] == "build/icebreaker/thresh.bin"


def test_ulx3s_is_the_size_that_was_built(capsys, built):
    built("ulx3s-25f", "bit")
    data = answer(capsys, "flash", "ulx3s", "--dry-run")
    assert data["board"] == "ulx3s-25f"
    assert data["command"][-1] == "build/ulx3s-25f/thresh.bit"


def test_ulx3s_without_a_build_is_the_largest(capsys):
    assert "thresh build ulx3s-85f" in refusal(capsys, "flash", "ulx3s")


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_a_bitstream_that_is_missing_is_refused(capsys, dry_run):
    assert refusal(capsys, "flash", "icebreaker", *dry_run) == (
        "build/icebreaker/thresh.bin is missing; make it with: thresh build icebreaker MODEL"
    )


def test_a_board_that_is_not_connected_is_said(capsys, tmp_path):
    (tmp_path / "b.bin").write_bytes(b"bits")
    assert run(["flash", "icebreaker", "-b", "b.bin"]) == 2
    assert "No iCEBreaker was found" in capsys.readouterr().err


def test_an_unknown_board_is_refused(capsys):
    assert "must be one of icebreaker" in refusal(capsys, "flash", "arty", "--dry-run")


def test_a_network_alone_is_written_to_a_device(capsys, tmp_path):
    save_network(hearing_network(microphone={}), tmp_path / "m.safetensors")
    data = answer(capsys, "flash", "icebreaker", "--network", "m.safetensors", "--dry-run")
    assert (data["bitstream"], data["slot"], data["written"]) == (None, 0, False)
    assert [words[-1].split("/")[-1] for words in data["commands"]] == [
        "dump.bin", "mark.bin", "first.bin",
    ]  # fmt: skip
    assert "no --bitstream" in refusal(
        capsys, "flash", "icebreaker", "--network", "m.safetensors", "--sram"
    )
    assert "A device needs one of icebreaker" in refusal(
        capsys, "flash", "ulx3s-45f", "--network", "m.safetensors", "--dry-run"
    )

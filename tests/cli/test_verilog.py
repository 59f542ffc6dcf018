"""`thresh verilog`: files that other tools can use."""

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network

from thresh.layout.image import load_image
from thresh.model.model_file import save_network


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_writes_everything_a_foreign_project_needs(capsys, model, tmp_path):
    folder = tmp_path / "out"
    data = answer(capsys, "verilog", model, "--lanes", "4", "-o", folder)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == set(data["files"])
    assert "module thresh_accelerator(" in (folder / "thresh_accelerator.v").read_text()
    assert (folder / "thresh_accelerator.f").read_text() == "thresh_accelerator.v\n"
    core = (folder / "thresh_accelerator.core").read_text()
    assert core.startswith("CAPI=2:\n")
    assert "toplevel: thresh_accelerator" in core
    assert "#define NETWORK_INPUTS 5u" in (folder / "driver" / "network.h").read_text()
    assert "THRESH_COMMAND_STEP" in (folder / "driver" / "thresh_link.h").read_text()
    image = load_image(folder / "network.img")
    assert image.network == small_network()
    assert image.geometry.lanes == data["lanes"] == 4


def test_a_clip_of_ones_own_is_what_the_benches_run(capsys, model, tmp_path):
    folder, clip = tmp_path / "out", tmp_path / "clip.npy"
    np.save(clip, np.full((3, 5), 0.25))
    words = ("--shell", "stream", "--lanes", "4", "--memories", "source", "--clip", clip)
    words += ("--sparse", "-o", folder)
    data = answer(capsys, "verilog", model, *words)
    assert (data["shell"], data["top"]) == ("stream", "thresh_stream")
    assert (folder / "inputs.mem").read_text().split() == ["0400"] * 15
    text = (folder / "thresh_stream.v").read_text()
    command = f"thresh verilog {model} --shell stream --lanes 4 --sparse --memories source"
    assert text.splitlines()[2].endswith(f": {command} --clip {clip}")
    assert command in (folder / "README.md").read_text()
    np.save(clip, np.zeros((2, 3, 5)))
    text = refusal(capsys, "verilog", model, *words)
    assert text == "clip must be one sequence, not 2"


def test_what_makes_it_again_has_every_number_that_was_given(capsys, model, tmp_path):
    words = "--lanes 4 --pointwise-lanes 1 --clock-mhz 24.5 --baud 115200 --preload"
    answer(capsys, "verilog", model, *words.replace("--pointwise-lanes", "--serial").split(),
           "-o", tmp_path / "out")  # fmt: skip
    text = (tmp_path / "out" / "thresh_accelerator.v").read_text()
    assert text.splitlines()[2].endswith(f": thresh verilog {model} {words}")


def test_a_baud_rate_without_a_line_is_refused(capsys, model):
    text = refusal(capsys, "verilog", model, "--shell", "axi", "--baud", "9600")
    assert text == "--baud is for --shell uart: axi has no serial line."


def test_lanes_that_cannot_be_are_refused_and_nothing_is_written(capsys, model, tmp_path):
    text = refusal(capsys, "verilog", model, "--lanes", "5", "-o", tmp_path / "out")
    assert "lanes must be 4, 8" in text
    assert not (tmp_path / "out").exists()


def test_a_baud_rate_beyond_the_clock_is_refused_before_the_model_is_read(capsys, tmp_path):
    text = refusal(capsys, "verilog", tmp_path / "absent.safetensors", "--baud", "30000000")
    assert "30000000 baud is too fast at 48 MHz, which serves at most 6000000 baud" in text

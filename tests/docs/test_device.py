"""docs/device.md: its pins and parts are those of the code."""

from pathlib import Path

import pytest

from thresh.audio.i2s_words import PARTS
from thresh.hw.device_boards import DEVICE_BOARDS

DOCS = Path(__file__).parent.parent.parent / "docs"
TEXT = (DOCS / "device.md").read_text()


@pytest.mark.parametrize("device", DEVICE_BOARDS.values(), ids=lambda device: device.name)
def test_every_pin_is_there(device):
    drawing = (DOCS / "plots" / "device-wiring.svg").read_text()
    for pin in (*device.microphone.values(), *device.words):
        assert f"{pin.label} (site {pin.site})" in TEXT
    if device.name == "icebreaker":
        for pin in device.microphone.values():
            assert f"{pin.label} (site {pin.site})" in drawing
    for light in device.lights.values():
        assert light in TEXT


def test_every_part_is_there_with_its_rates():
    for name, part in PARTS.items():
        assert name in TEXT
        assert f"{part.slowest:,}" in TEXT
        assert f"{part.fastest:,}" in TEXT

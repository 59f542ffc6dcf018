"""docs/device.md: its commands are the command line's, its pins and parts those of the code."""

import re
import shlex
from pathlib import Path

import click
import pytest

from thresh.audio.i2s_words import PARTS
from thresh.cli.main import cli
from thresh.hw.device_boards import DEVICE_BOARDS

DOCS = Path(__file__).parent.parent.parent / "docs"
TEXT = (DOCS / "device.md").read_text()
LINES = re.findall(r"(?:^    |`)(thresh [a-z]+ [^`\n]*)", TEXT, re.M)
COMMANDS = [shlex.split(line) for line in sorted({line.partition("#")[0] for line in LINES})]


def test_there_are_commands():
    assert {words[1] for words in COMMANDS} == {
        "build", "demo", "estimate", "flash", "listen", "replay",
    }  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_is_one_of_its_command(words):
    _, name, *rest = words
    command = cli.get_command(click.Context(cli), name)
    known = {option for part in command.params for option in part.opts}
    assert [word for word in rest if word.startswith("-") and word not in known] == []


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

"""The live view: what is on the screen is what the frames say."""

import io

import numpy as np
from rich.console import Console

from thresh.reports.device.live import LiveFrame, LiveView


def frame(number, **changes):
    fields = {
        "features": np.full(8, -9000), "events": np.array([number % 3, 0]),
        "scores": np.array([100, 2048, -50]), "best": 1, "score": 2048, "heard": False,
        "cycles": 12_000,
    }  # fmt: skip
    return LiveFrame(number=number, **fields | changes)


def view():
    return LiveView(
        title="net on port", classes=("yes", "no", "other"), lists=("inputs", "layer 0"),
        input_frac=12, output_frac=11, thresholds=(1024, 1024, 32767), clock_hz=24e6,
    )  # fmt: skip


def lines(shown, width=60, height=60):
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(shown)
    return console.file.getvalue().splitlines()


def test_says_that_it_waits():
    assert lines(view())[0].strip() == "net on port: waiting for the first frame"


def test_shows_every_part_of_the_last_frames():
    shown = view()
    for number in range(100):
        shown.add(frame(number, heard=number == 42))
    text = lines(shown)
    assert text[0].strip() == "net on port   0.99 s"
    assert [line.count("▀") for line in text[1:5]] == [47] * 4
    assert text[5].strip() == "inputs: 1.0 events a frame"
    assert text[6].strip().startswith("█ ▄█ ▄█")
    assert text[7].strip() == "layer 0: 0.0 events a frame"
    assert text[8].strip() == ""
    assert text[9].strip() == "cycles: 12,000 a frame, awake 5.0%"
    assert text[11].split()[0] == "yes"
    assert text[12].split()[0] == "no"
    assert text[12].split()[-1] == "1.00"
    assert text[12].count("█") == 34
    assert text[14].split() == ["heard", "0.42", "s", "no", "(1.00)"]


def test_colours_follow_the_features():
    shown = view()
    shown.add(frame(0, features=np.array([-9000, 9000] * 4)))
    console = Console(
        file=io.StringIO(), width=60, height=60, force_terminal=True, color_system="truecolor"
    )
    console.print(shown)
    assert "38;2;252;255;164;48;2;13;8;38m▀" in console.file.getvalue()


def test_a_low_terminal_shows_half_the_rows_and_the_best_classes():
    shown = view()
    shown.add(frame(0, scores=np.arange(3)))
    assert len(lines(shown, height=24)) == len(lines(shown)) - 2


def test_lost_frames_are_said_and_unknown_classes_have_numbers():
    shown = LiveView(title="port", classes=(), lists=("inputs",), input_frac=12, output_frac=0)
    shown.lost = 3
    shown.add(frame(7, cycles=None, heard=True))
    text = "\n".join(lines(shown))
    assert "port   0.07 s, 3 frames lost" in text
    assert "class 1  (2048.00)" in text
    assert "cycles" not in text

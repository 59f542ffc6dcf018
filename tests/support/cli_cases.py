"""Small networks and files for the tests of the command line."""

import json

import numpy as np

from thresh.audio.front_end import FrontEnd
from thresh.cli.main import run
from thresh.data.audio_file import write_wav
from thresh.model.network import Layer, Network


def small_network(*, inputs=5, units=12, outputs=3, audio=False, threshold=300):
    """A GRU and a linear layer with random weights; with ``audio``, 8 bands and a front end."""
    random = np.random.default_rng(1)
    bands = 8 if audio else inputs
    gru = Layer(
        kind="gru",
        weight_x=random.integers(-90, 90, (3, units, bands)),
        weight_h=random.integers(-40, 40, (3, units, units)),
        bias=random.integers(-1000, 1000, (4, units)),
        x_frac=12, weight_x_frac=9, weight_h_frac=7, threshold_x=2 * threshold,
        threshold_h=threshold,
    )  # fmt: skip
    linear = Layer(
        kind="linear",
        weight_x=random.integers(-120, 120, (1, outputs, units)),
        weight_h=np.zeros((1, outputs, 0), int),
        bias=random.integers(-1000, 1000, (1, outputs)),
        x_frac=14, weight_x_frac=6, weight_h_frac=0, threshold_x=threshold,
    )  # fmt: skip
    front_end = FrontEnd(window=60, points=64, bands=8, offsets=(0,) * 8, scales=(1000,) * 8)
    return Network(
        layers=(gru, linear),
        name="small",
        classes=("zero", "one", "two")[:outputs] if audio else (),
        decision="mean" if audio else "none",
        front_end=front_end.to_dict() if audio else {},
    )


def write_tone(path, *, hertz=440, seconds=0.3, rate=8000):
    """A WAV file of one tone."""
    time = np.arange(int(seconds * rate)) / rate
    write_wav(path, (8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate)
    return path


def answer(capsys, *arguments):
    """The JSON object that a successful command prints, and nothing but it."""
    assert run([*map(str, arguments), "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def refusal(capsys, *arguments):
    """The sentence of a command that refuses with status 2, without its prefix."""
    assert run([*map(str, arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("thresh: ")
    return lines[0].removeprefix("thresh: ")

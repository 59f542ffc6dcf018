"""Networks whose columns lie in an SDRAM, at the front door: estimated and simulated."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import run
from door_cases import X, deciding

from thresh.accelerator import Accelerator
from thresh.layout.image import Image


@pytest.fixture(scope="module")
def acc():
    return deciding().compile("ulx3s-85f", columns="sdram")


def test_every_integer_is_the_golden_models_beside_the_chip(acc):
    seen = []
    found = acc.simulate(X[:2], progress=lambda *done: seen.append(done))
    assert found.equal
    assert found.result.frames == 30
    assert seen[-1] == (30, 30)
    least, mean, most = found.result.cycles_per_frame
    assert 0 < least <= mean <= most
    # A word a cycle: what the estimate tells is what the lanes need.
    words = acc.estimate(X[:2]).figures.words["mean"]
    assert found.result.ideal_cycles_per_frame == words


def test_a_wrong_word_of_the_chip_is_found(acc):
    columns = acc.image.columns.copy()
    columns[: columns.size // 2] ^= 1
    spoilt = Accelerator(acc.network, replace(acc.image, columns=columns), acc.board)
    found = spoilt.simulate(X[:1])
    assert not found.equal
    assert found.result.first_difference.startswith("sequence 0, step 0, ")


def test_an_estimate_tells_the_words_of_a_step(acc):
    found = acc.estimate(activity=0.1)
    assert found.fits
    assert found.advice is None
    assert found.to_dict()["needs"]["SDRAM"]["unit"] == "words of 16 bits"
    assert "words from SDRAM per frame: mean" in found.summary
    assert "at most" in found._repr_html_()
    same = acc.network.estimate("ulx3s-85f", columns="sdram", activity=0.1)
    assert same.to_dict() == found.to_dict()


def test_the_command_takes_the_engine_that_can(tmp_path, monkeypatch):
    asked = {}

    def simulate(acc, x, **words):
        asked.update(words, kind=type(acc.image))
        raise ValueError("as far as that")

    monkeypatch.setattr(Accelerator, "simulate", simulate)
    monkeypatch.chdir(tmp_path)
    deciding().save("m.safetensors")
    np.save("x.npy", X[:1])
    for options, engine in (["--columns", "sdram"], "compiled"), ([], "verilator"):
        words = ["sim", "m.safetensors", "x.npy", "--board", "ulx3s-85f", *options]
        assert run(words) == 2
        assert asked["engine"] == engine
        assert issubclass(asked["kind"], Image)

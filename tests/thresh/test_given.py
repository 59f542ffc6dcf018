"""What the front door is given: one sentence for what is not of the type or out of bounds."""

import inspect

import numpy as np
import pytest
from cli_cases import small_network
from door_cases import X, deciding
from import_cases import float_network

import thresh
from thresh.bitstream import Bitstream
from thresh.float_network import LATER
from thresh.model import given
from thresh.network import Network

NET = Network(small_network())
FLOATS = thresh.convert(float_network("gru", "linear", sizes=[3, 8, 4]))
BOARD = NET.compile("icebreaker")
SEARCH = {"levels": 3, "rounds": 0}
NAN = float("nan")

CASES = {
    "lanes must be a whole number, not '8'": lambda: NET.compile("icebreaker", lanes="8"),
    "lanes must be a whole number, not 8.0": lambda: NET.compile(lanes=8.0),
    "lanes must be a whole number, not True": lambda: NET.compile(lanes=True),
    "pointwise_lanes must be a whole number": lambda: NET.compile(pointwise_lanes="2"),
    "sparse must be True or False, not 'yes'": lambda: NET.compile(sparse="yes"),
    "columns must be chip or sdram, not 3": lambda: NET.compile(columns=3),
    "A board is given by its name, not 3": lambda: NET.compile(3),
    "activity must be a finite number": lambda: NET.estimate(BOARD.board, activity="0.1"),
    "The network must be a path, not None": lambda: thresh.load(None),
    "order must be a list of names, not 'gru'": lambda: thresh.convert({}, order="gru"),
    "activations must be a dict": lambda: thresh.convert({}, activations=["a"]),
    "has texts for names, not 3": lambda: thresh.convert({3: np.zeros((3, 1))}),
    "weight_bits must be a whole number, not '8'": lambda: FLOATS.quantise(X, weight_bits="8"),
    "weight_bits must be 8 or 4, not 5": lambda: FLOATS.quantise(X, weight_bits=5),
    "value_bits must be 8 to 16, not 17": lambda: FLOATS.quantise(X, value_bits=17),
    "deviation must be a finite number, not nan": lambda: FLOATS.quantise(X, deviation=NAN),
    "but 'a' is there twice": lambda: FLOATS.quantise(X, classes=tuple("abca")),
    "classes must be names, not 0": lambda: FLOATS.quantise(X, classes=range(4)),
    "classes must be a list of names, not 'abcd'": lambda: FLOATS.quantise(X, classes="abcd"),
    "classes must name 4 outputs, not 2": lambda: FLOATS.quantise(X, classes=("a", "b")),
    "name must be a text, not 3": lambda: FLOATS.quantise(X, name=3),
    "limit must be a whole number, not '3'": lambda: FLOATS.quantise(X, limit="3"),
    r"inputs must be below 1e\+30 in magnitude": lambda: FLOATS.quantise(X * 1e300),
    "decision must be none or last or mean or ctc": lambda: FLOATS.quantise(X, decision="max"),
    "top must be 1 or more, not 0": lambda: deciding().evaluate(X, top=0),
    "boards must be a list of names, not 'icebreaker'": lambda: deciding().tune(
        X, max_loss=5, boards="icebreaker", **SEARCH
    ),
    "max_loss must be a finite number, not nan": lambda: deciding().tune(X, max_loss=NAN),
    "levels must be 3 or more, not 2": lambda: deciding().explore(X, levels=2),
    "processes must be a whole number": lambda: deciding().explore(X, processes="2"),
    "journal must be a path, not 3": lambda: deciding().explore(X, journal=3),
    "x.txt is no name for a model file": lambda: NET.save("x.txt"),
    "The model file must be a path, not None": lambda: NET.save(None),
    "minutes must be above 0, not 0": lambda: BOARD.build(minutes=0),
    "seeds must be 1 or more, not 0": lambda: BOARD.build(seeds=0),
    "seeds must be different whole numbers": lambda: BOARD.build(seeds=[1, 1]),
    "seeds must be a whole number, not '3'": lambda: BOARD.build(seeds="3"),
    "jobs must be 1 or more, not 0": lambda: BOARD.build(jobs=0),
    "folder must be a path, not 3": lambda: BOARD.build(3),
    "engine must be .* not 'quick'": lambda: BOARD.simulate(X, engine="quick"),
    "clock_mhz must be above 0, not 0": lambda: BOARD.write_verilog(clock_mhz=0),
    "baud must be a whole number, not '9600'": lambda: NET.connect("/dev/null", baud="9600"),
    "The port must be a text, not 3": lambda: NET.connect(3),
    "An activity is what": lambda: NET.with_activity(3),
    "progress must be a function": lambda: NET.predict(np.zeros((2, 5)), progress="yes"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CASES)
def test_what_is_none_of_these_is_refused_in_one_sentence(sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=sentence) as caught:
        CASES[sentence]()
    assert len(str(caught.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_numpy_are_numbers():
    assert given.whole("n", np.int64(3)) == 3
    assert given.real("n", np.float32(0.5), 0) == 0.5
    assert given.numbers("n", np.int16(2)) == (1, 2)
    assert given.numbers("n", range(4, 6)) == (4, 5)
    assert NET.compile(lanes=np.int64(4)).lanes == 4


def test_what_a_network_in_floats_cannot_names_what_to_do():
    later = {
        verb
        for kind in (thresh.Network, thresh.Accelerator, Bitstream)
        for verb, _ in inspect.getmembers(kind, inspect.isfunction)
        if not verb.startswith("_") and not hasattr(thresh.FloatNetwork, verb)
    }
    assert later == set(LATER)
    for verb in later:
        with pytest.raises(AttributeError, match=rf"cannot {verb}: make its integers first"):
            getattr(FLOATS, verb)
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        _ = FLOATS.other

"""Netlists behind serial pins: what is refused. What they compute, `test_gate_level` has."""

import pytest

from thresh.sim.engines.gate_line import compile_netlist

NETLIST = {
    "ports": {"a__io": {"direction": "inout", "bits": [2]}},
    "cells": {"one": {"type": "SB_NONE", "parameters": {}, "connections": {"I": [2]}}},
}


@pytest.mark.parametrize(
    ("pads", "sentence"),
    [
        ({"a__io": "clk", "b__io": "rx"}, "The netlist has no pad b__io"),
        ({"a__io": "clk"}, "There is no model of the cell SB_NONE"),
    ],
)
def test_refuses_what_is_not_there(pads, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        compile_netlist(NETLIST, "ice40", pads, tmp_path, spoilt="one")
    assert not list(tmp_path.iterdir())

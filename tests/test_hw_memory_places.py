"""Places of memories: those that hold no weights lie near the logic."""

from ecp5_netlists import CLOCK, block

from thresh.hw.memory_places import PLACES, place_memories

DEVICE = "LFE5U-85F"


def netlist(others, banks=3):
    """Block RAMs of weights and others, and a multiplier."""
    names = [f"core.core.columns.columns.bank_0_{n}.0.0" for n in range(banks)]
    names += [f"core.core.pointwise.state.0.{n}" for n in range(others)]
    cells = {name: block("DP16KD", {"CLKA": CLOCK}, {}) for name in names}
    return {"cells": cells | {"product": block("MULT18X18D", {"CLK0": CLOCK}, {})}}


def placed(module):
    return {
        name: cell["attributes"]["BEL"]
        for name, cell in module["cells"].items()
        if "attributes" in cell
    }


def test_memories_without_weights_are_placed_in_their_order():
    module = netlist(12)
    assert place_memories(module, DEVICE) == 12
    wanted = zip((f"core.core.pointwise.state.0.{n}" for n in range(12)), PLACES[DEVICE],
                 strict=False)  # fmt: skip
    assert placed(module) == dict(wanted)


def test_attributes_that_are_there_stay():
    module = netlist(1)
    module["cells"]["core.core.pointwise.state.0.0"]["attributes"] = {"src": "pointwise.py"}
    place_memories(module, DEVICE)
    assert module["cells"]["core.core.pointwise.state.0.0"]["attributes"] == {
        "src": "pointwise.py", "BEL": PLACES[DEVICE][0],
    }  # fmt: skip


def test_nothing_is_placed_where_places_do_not_suffice_or_are_not_known():
    for count, device in ((len(PLACES[DEVICE]) + 1, DEVICE), (2, "LFE5U-12F")):
        module = netlist(count)
        assert place_memories(module, device) == 0
        assert placed(module) == {}


def test_no_place_is_given_twice():
    assert len(set(PLACES[DEVICE])) == len(PLACES[DEVICE])

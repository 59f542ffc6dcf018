"""Graphs of one step: their state is fed back, so that the proof sees the recurrent weights."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

from onnx import TensorProto, helper
from onnx_cases import constant, constants, model, node

from thresh.importers.imported import prove
from thresh.importers.onnx.network import import_onnx


def infos(**shapes):
    return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]


def step(op="GRU", *, layers=1, out=True, first=False, steps=1, units=4):
    """A graph of one step whose states go in and, with ``out``, come out; packed when several."""
    nodes, tensors, value = (
        [],
        [constant("axes", [0], np.int64), constant("one", [1], np.int64)],
        "X",
    )
    slots = ["h", "c"] if op == "LSTM" else ["h"]
    ends = {slot: [] for slot in slots}
    for number in range(layers):
        name = f"{number}."
        tensors += constants(op, 3 if number == 0 else units, units, seed=number, prefix=name)
        begins = []
        for slot in slots:
            begins.append(slot if layers == 1 else f"{name}{slot}")
            if layers > 1:
                tensors.append(constant(f"{name}at", [number], np.int64))
                nodes.append(node("Gather", [slot, f"{name}at"], [begins[-1]], axis=0))
        given = {"linear_before_reset": 1} if op == "GRU" else {}
        made = [f"{name}Y", f"{name}h_out"] + [f"{name}c_out"] * (op == "LSTM")
        nodes.append(
            helper.make_node(
                op,
                [value, f"{name}W", f"{name}R", f"{name}B", "", *begins],
                made,
                name=f"{op}{number}",
                hidden_size=units,
                **given,
            )
        )
        for slot in slots:
            ends[slot].append(f"{name}{slot}_out")
        value = f"{name}y"
        nodes.append(node("Squeeze", [f"{name}Y", "one"], [value]))
    nodes.append(node("Identity", [value], ["Y"]))
    for slot, names in ends.items():
        nodes.append(node("Concat", names, [f"{slot}_next"], axis=0))
    shapes = {slot: (layers, 1, units) for slot in slots}
    outputs = ("Y", *(f"{slot}_next" for slot in slots if out))
    made = model(nodes, tensors, x=(steps, 1, 3), outputs=outputs, more=shapes.items())
    if first:
        moved = [*made.graph.input][::-1]
        del made.graph.input[:]
        made.graph.input.extend(moved)
    return made


def with_noise(imported):
    """The import with other recurrent weights."""
    first = imported.network.layers[0]
    noise = np.random.default_rng(9).normal(0, 0.5, first.weight_h.shape)
    layers = (replace(first, weight_h=noise), *imported.network.layers[1:])
    return replace(imported, network=replace(imported.network, layers=layers))


@pytest.mark.parametrize(("op", "layers"), [("GRU", 1), ("LSTM", 1), ("RNN", 1), ("GRU", 2),
                                           ("LSTM", 3)])  # fmt: skip
def test_the_proof_of_one_step_sees_the_recurrent_weights(op, layers):
    imported = import_onnx(step(op, layers=layers))
    proof = prove(imported)
    assert proof.unproven == ""
    assert proof.values == 17 * 4
    with pytest.raises(ValueError, match=r"differs from (ONNX Runtime|the reference)"):
        prove(with_noise(imported))


def test_without_the_state_s_output_the_proof_says_what_it_lacks():
    assert prove(import_onnx(step("GRU", out=False))).unproven == ""  # its output is its state
    imported = import_onnx(step("LSTM", out=False))
    assert prove(imported).unproven.startswith("the recurrent weights")
    assert prove(with_noise(imported)).unproven.startswith("the recurrent weights")


def test_a_graph_of_many_steps_needs_no_state():
    proof = prove(import_onnx(step(steps="T")))
    assert (proof.unproven, proof.values) == ("", 17 * 4)


@pytest.mark.parametrize("op", ["GRU", "LSTM"])
def test_a_state_that_is_listed_first_is_not_taken_for_the_input(op):
    imported = import_onnx(step(op, first=True))
    assert imported.network.inputs == 3
    assert prove(imported).unproven == ""
    assert "the input h is taken to be 0" in imported.notes


def test_the_input_can_be_named():
    assert import_onnx(step(), input_name="X").network.inputs == 3
    with pytest.raises(ValueError, match="input must be one of X, h, not 'z'"):
        import_onnx(step(), input_name="z")
    with pytest.raises(ValueError, match="must come from the network's inputs"):
        import_onnx(step(), input_name="h")

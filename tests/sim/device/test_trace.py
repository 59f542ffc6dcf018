"""Traces: files that come back whole, and the first integer that differs."""

import io

import numpy as np
import pytest

from thresh.sim.device.trace import (
    DeviceTrace,
    first_difference,
    heard_of,
    integers_compared,
)


def trace(**changes):
    random = np.random.default_rng(1)
    stages = {
        "samples": random.integers(-32768, 32768, 50),
        "features": random.integers(-9, 9, (4, 3)),
        "events": random.integers(0, 9, (4, 2)),
        "outputs": random.integers(-9, 9, (4, 2)),
        "scores": random.integers(-9, 9, (4, 2)),
        "best": random.integers(0, 2, 4),
        "score": random.integers(-9, 9, 4),
        "heard": heard_of([(1, 0), (3, 1)]),
    }
    return DeviceTrace(**stages | changes)


def changed(name, place, step=1):
    rows = getattr(trace(), name).copy()
    rows[place] += step
    return trace(**{name: rows})


def test_a_file_comes_back_whole(tmp_path):
    for made in (trace(), trace(samples=None, outputs=None), trace(heard=heard_of([]))):
        made.save(tmp_path / "trace.npz")
        read = DeviceTrace.load(tmp_path / "trace.npz")
        assert read.stages.keys() == made.stages.keys()
        assert first_difference(made, read) is None
        assert all(rows.dtype == np.int64 for rows in read.stages.values())


@pytest.mark.parametrize(
    ("name", "place", "sentence"),
    [
        ("samples", 7, "samples 7: {0} in golden, {1} in device"),
        ("features", (2, 1), "features of frame 2, number 1: {0} in golden, {1} in device"),
        ("events", (3, 0), "events of frame 3, list 0: {0} in golden, {1} in device"),
        ("best", 2, "best of frame 2: {0} in golden, {1} in device"),
        ("heard", (1, 0), "heard 1, frame: {0} in golden, {1} in device"),
        ("heard", (1, 1), "heard 1, class: {0} in golden, {1} in device"),
    ],
)
def test_names_the_first_integer_that_differs(name, place, sentence):
    other = changed(name, place)
    wanted = sentence.format(getattr(trace(), name)[place], getattr(other, name)[place])
    assert first_difference(trace(), other) == wanted


def test_the_earlier_stage_is_named_whatever_its_frame():
    rows = trace().outputs.copy()
    rows[0, 0] += 1
    both = DeviceTrace(**changed("features", (3, 2)).stages | {"outputs": rows})
    assert first_difference(trace(), both).startswith("features of frame 3, number 2")


def test_lengths_and_widths_are_compared():
    shorter = trace(samples=trace().samples[:49])
    said = "samples: 50 in golden, 49 in device, equal as far as both go"
    assert first_difference(trace(), shorter) == said
    wider = trace(outputs=np.zeros((4, 3), np.int64))
    assert first_difference(trace(), wider) == "outputs: rows of 2 in golden, of 3 in device"


def test_stages_that_one_did_not_see_are_passed_over():
    blind = DeviceTrace(features=trace().features)
    assert first_difference(trace(), blind) is None
    assert integers_compared(trace(), blind) == 12
    with pytest.raises(ValueError, match="no stage in common"):
        first_difference(blind, DeviceTrace(best=[1]))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"samples": np.zeros(3)}, "samples must be integers of 1 dimensions, not float64"),
        ({"best": np.zeros((4, 1), int)}, "best must be integers of 1 dimensions, not int64 of sh"),
        ({"best": np.zeros(3, int)}, "as many frames, not 4 of features, 4 of events"),
        ({"heard": np.zeros((1, 3), int)}, "pairs of frame and class, not rows of 3"),
        ({"score": np.full(4, 1 << 31)}, "score must lie in 32 bits"),
    ],
)
def test_refusals(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        trace(**changes)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"best": [1]}, "t.npz is no trace of a device in format 1"),
        ({"format": 2}, "t.npz is no trace of a device in format 1"),
        ({"format": 1, "more": [1]}, "holds 'more', which is no stage of a device"),
        ({"format": 1, "best": [0.5]}, "t.npz: best must be integers of 1 dimensions"),
    ],
)
def test_files_that_are_no_trace(tmp_path, arrays, sentence):
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    (tmp_path / "t.npz").write_bytes(packed.getvalue())
    with pytest.raises(ValueError, match=sentence):
        DeviceTrace.load(tmp_path / "t.npz")
    (tmp_path / "t.npz").write_bytes(packed.getvalue()[:-30])
    with pytest.raises(ValueError, match="not a whole NumPy file"):
        DeviceTrace.load(tmp_path / "t.npz")

"""The comparison finds every kind of wrong integer, and says where it was."""

import numpy as np
import pytest
from link_bench import geometry, network, walk

from thresh.layout.image import build_image
from thresh.layout.link import Counter, Region
from thresh.layout.memories import read_map
from thresh.sim.comparison import Comparison
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.observation import memories_of, record_type, used_words

SHAPE = geometry(pointwise_lanes=1)
NET = network(5, 6, 3, 2, kinds=("lstm", "gru", "linear"), shift=11)
IMAGE = build_image(NET, SHAPE)
PLAN = read_map(IMAGE.table, IMAGE.header, SHAPE)


@pytest.fixture
def twin():
    """A device that holds the network; asked with commands and payloads."""
    device = DeviceTwin(SHAPE)
    device.memories[Region.WEIGHTS][: len(IMAGE.weights)] = IMAGE.weights
    device.memories[Region.TABLE][:] = IMAGE.table.astype("<u2").reshape(-1, 1).view(np.uint8)
    header = np.array(IMAGE.header, "<u2").reshape(-1, 1).view(np.uint8)
    device.memories[Region.HEADER][: len(header)] = header
    device.loaded = True
    device._new_sequence(b"")
    return device


def observe(twin, x, time=0):
    answer = twin._step(x.astype("<i2").tobytes())
    record = np.zeros((), record_type(PLAN))
    record["time"], record["cycles"] = time, int.from_bytes(answer[:4], "little")
    record["outputs"] = np.frombuffer(answer, "<i2", offset=4)
    for region, count in used_words(PLAN).items():
        record[region.name] = twin.memories[region][:count]
    return record[()]


def test_a_right_device_has_no_difference(twin):
    comparison = Comparison(NET, PLAN)
    for _ in range(2):
        comparison.new_sequence()
        twin._new_sequence(b"")
        for values in walk(20, 5):
            assert comparison.step(values, observe(twin, values), "here") == 0
    assert (comparison.mismatches, comparison.first_difference) == (0, None)
    layers = (4 * 6 + 2 * 6 + 6) + (4 * 3 + 3 + 3) + (2 + 2)
    assert comparison.integers == 40 * (2 + 5 + layers + 3 + 4)
    assert len(comparison.ideal) == len(comparison.measured) == 40


LSTM, GRU, LINEAR = PLAN.layers


@pytest.mark.parametrize(
    ("region", "number", "bits", "sentence"),
    [
        (None, 1, 16, "output of unit 1 is"),
        (Region.REFERENCES, 4, 16, "input reference of input 4 is"),
        (Region.ACCUMULATORS, 9, 32, "layer 0: accumulator 1 of unit 1 is"),
        (Region.STATE, LSTM.s_base + 5, 16, "layer 0: state s of unit 5 is"),
        (Region.STATE, GRU.h_base + 2, 16, "layer 1: state h of unit 2 is"),
        (Region.REFERENCES, GRU.h_segment, 16, "layer 1: reference of unit 0 is"),
        (Region.COUNTERS, Counter.BUSY_CYCLES, 32, "counter of busy cycles is"),
        (Region.COUNTERS, Counter.SATURATIONS, 32, "counter of saturations is"),
        (Region.COUNTERS, Counter.SKIPPED_LAYERS, 32, "counter of skipped layers is"),
        (Region.COUNTERS, Counter.FIRED, 32, "counter of fired inputs is"),
        (Region.COUNTERS, Counter.FIRED + 2, 32, "counter of fired outputs of layer 1 is"),
    ],
)
def test_one_wrong_integer_is_found_and_named(twin, region, number, bits, sentence):
    comparison = Comparison(NET, PLAN)
    comparison.new_sequence()
    first, second = walk(2, 5)
    comparison.step(first, observe(twin, first), "step 0")
    record = observe(twin, second, time=5400)
    words = record["outputs"] if region is None else memories_of(record)[region]
    numbers = words.view(f"<i{bits // 8}").reshape(-1)
    right = int(numbers[number])
    numbers[number] ^= 1
    assert comparison.step(second, record, "step 1") == comparison.mismatches == 1
    wanted = f"step 1, {sentence} {right ^ 1}, golden says {right}, at 5400 ns"
    assert comparison.first_difference == wanted


def test_padding_is_not_compared(twin):
    comparison = Comparison(NET, PLAN)
    comparison.new_sequence()
    x = walk(1, 5)[0]
    record = observe(twin, x)
    record["STATE"][LSTM.h_base + 6 : LSTM.h_base + 8] = 99
    assert comparison.step(x, record, "step 0") == 0

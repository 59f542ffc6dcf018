"""What is verified: every integer of a step, and the memories, with a bit turned over in each."""

import numpy as np
import pytest
from link_bench import geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.run import run_utterance
from thresh.host.transport import DirectTransport
from thresh.host.verify import Verifier
from thresh.layout.image import build_image
from thresh.layout.layer_table import threshold_h_word
from thresh.layout.link import Region
from thresh.sim.device_twin import DeviceTwin

NET = network(5, 12, 7, 3, kinds=("lstm", "gru", "linear"))
X = walk(12, 5, stride=2500)


class Upset(DeviceTwin):
    """A twin in which a bit turns over behind the host's back, before a step by number.

    Parameters
    ----------
    region : Region or None
    word, byte : int
    step : int
    """

    def __init__(self, shape, region=None, word=0, byte=0, step=4):
        super().__init__(shape)
        self.place, self.at, self.steps = (region, word, byte), step, 0

    def _step(self, payload):
        region, word, byte = self.place
        if self.steps == self.at and region is not None:
            self.memories[region][word, byte] ^= 4
            self._plan = None
        self.steps += 1
        return super()._step(payload)


def verified(twin, every=1, shape=None):
    """What verifying found in a sequence, and its outputs."""
    image = build_image(NET, twin.geometry)
    client = Client(DirectTransport(twin))
    client.load(image)
    verifier = Verifier(client, image, every)
    ran = run_utterance(client, NET, X, verifier=verifier)
    verifier.memories()
    return verifier.found, ran


SHAPES = {
    "dense": {},
    "pairs": {"lanes": 8, "pointwise_lanes": 2},
    "sparse": {"sparse": True},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("every", [1, 5])
def test_a_whole_accelerator_is_good_and_its_sequence_undisturbed(shape, every):
    found, ran = verified(DeviceTwin(geometry(**SHAPES[shape])), every)
    assert found.good, found.wrong
    assert found.steps == len(X) // every
    np.testing.assert_array_equal(ran.outputs, golden(NET, X)[0])


PLAN = build_image(NET, geometry()).placement
LSTM, GRU, _ = PLAN.layers
PLACES = {
    # what turns over: where, and what must be said of it
    "accumulator": (Region.ACCUMULATORS, GRU.accumulator_base, "After step 4, accumulator 0 of un"),
    "input reference": (Region.REFERENCES, 2, "step 4, "),
    "hidden reference": (
        Region.REFERENCES,
        GRU.h_segment + 3,
        "accumulator 0 of unit 0 of layer 2",
    ),
    "state": (Region.STATE, LSTM.s_base + 5, "After step 4, state s of unit 5 of layer 0 is"),
    "weight": (Region.WEIGHTS, GRU.weight_base + 1, f"{GRU.weight_base + 1}, of the weights of la"),
    "bias": (Region.WEIGHTS, PLAN.bias_base + GRU.accumulator_base, "of the biases of layer 1"),
    "threshold": (Region.TABLE, threshold_h_word(1), "CRC-32 of the layer table is"),
    "header": (Region.HEADER, 1, "first its threshold_x"),
}


@pytest.mark.parametrize("what", PLACES)
def test_a_bit_that_turns_over_is_named(what):
    region, word, said = PLACES[what]
    found, _ = verified(Upset(geometry(), region, word))
    assert any(said in sentence for sentence in found.wrong), found.wrong


@pytest.mark.parametrize("what", ["accumulator", "hidden reference"])
def test_it_is_still_seen_steps_later(what):
    """M is never computed anew: what was wrong in it stays."""
    region, word, _ = PLACES[what]
    found, _ = verified(Upset(geometry(), region, word), every=12)
    assert "After step 11, accumulator" in found.wrong[0]


def test_after_the_first_wrong_step_none_is_verified_any_more():
    found, _ = verified(Upset(geometry(), Region.ACCUMULATORS, 0))
    assert (found.steps, len(found.wrong)) == (5, 1)


def test_a_sequence_that_stands_is_verified_and_goes_on_undisturbed():
    image = build_image(NET, geometry())
    twin = DeviceTwin(geometry())
    client = Client(DirectTransport(twin))
    client.load(image)
    client.new_sequence()
    outputs = []
    for values in X:
        outputs.append(client.step(values).outputs)
        assert Verifier(client, image).standing().good
    np.testing.assert_array_equal(outputs, golden(NET, X)[0])
    twin.memories[Region.ACCUMULATORS][GRU.accumulator_base + 2, 0] ^= 1
    (sentence,) = Verifier(client, image).standing().wrong
    assert "After a step of the inputs last sent, accumulator 0 of unit 2 of layer 1" in sentence


def test_another_network_than_the_image_is_seen():
    image = build_image(NET, geometry())
    other = build_image(network(5, 12, 7, 3, kinds=("lstm", "gru", "linear"), seed=8), geometry())
    client = Client(DirectTransport(DeviceTwin(geometry())))
    client.load(other)
    client.new_sequence()
    assert any("words differ" in text for text in Verifier(client, image).standing().wrong)

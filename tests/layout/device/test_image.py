"""Networks for a device: what the flash holds of one, and which a device refuses."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from thresh.audio.decimator import Decimator
from thresh.audio.front_end_tables import table_words
from thresh.audio.i2s_words import I2sWords
from thresh.audio.spotter import NEVER, Spotter
from thresh.layout.configurations import CONFIGURATIONS
from thresh.layout.device.image import device_body, device_records
from thresh.layout.device.shape import PLATE_BYTES, DeviceShape, hearing_of, read_plate
from thresh.layout.device_link import Identity
from thresh.layout.device_memories import DeviceRegion, message_words, spotter_words
from thresh.layout.flash_slots import FlashLayout, body_bytes, image_records
from thresh.layout.image import build_image
from thresh.model.model_file import load_network

GEOMETRY = CONFIGURATIONS["iCE40UP5K"]
SHAPE = DeviceShape(geometry=GEOMETRY, classes=10, microphone=Decimator())
SPOTTER = Spotter(shift=3, thresholds=(1000, -2, *[NEVER] * 8), refractory=(50, *[40] * 9))


@pytest.fixture(scope="module")
def network():
    found = load_network("examples/digits-gru128-magnitude.safetensors")
    return replace(found, microphone=Decimator().to_dict(), spotter=SPOTTER.to_dict())


def test_a_body_is_the_image_and_then_what_hears_decides_and_speaks(network):
    layout = FlashLayout()
    front_end, spotter = hearing_of(network)
    records = [
        *image_records(build_image(network, GEOMETRY)),
        (DeviceRegion.FRONT_END, table_words(front_end).tolist()),
        (DeviceRegion.SPOTTER, spotter_words(spotter.thresholds, spotter.refractory)),
    ]
    number = zlib.crc32(body_bytes(layout, records))
    identity = Identity(
        bands=40, classes=10, layers=2, output_frac=network.output_frac, network=number
    )
    records.append((DeviceRegion.MESSAGES, message_words(identity, 2)))
    assert device_records(network, GEOMETRY, layout) == records
    assert device_body(network, SHAPE, layout) == body_bytes(layout, records)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hop": 100}, "front end has hop = 100, that of .* has 80"),
        ({"shift": 2}, "averages scores with shift = 2, .* wants 3"),
        ({"classes": 9}, "pins for 9 decisions, .* makes 10"),
        (
            {"rate": 8333.3},
            r"hears 8,333\.3 .* wants 8,000\.0: \+4\.2 % where",
        ),
        ({"microphone": Decimator(order=4)}, r"microphone is Decimator\(order=4.* wants Decimator"),
    ],
)
def test_a_network_of_another_device_is_refused(network, changes, words):
    with pytest.raises(ValueError, match=words):
        device_body(network, replace(SHAPE, **changes), FlashLayout())


def test_an_i2s_microphone_near_the_rate_is_taken(network):
    device_body(network, replace(SHAPE, rate=7812.5, microphone=I2sWords()), FlashLayout())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"front_end": {}}, "needs a network with a magnitude-mel front end"),
        ({"spotter": {}}, "needs a network with a word-spotter"),
    ],
)
def test_a_network_that_hears_or_decides_nothing_is_refused(network, changes, words):
    with pytest.raises(ValueError, match=words):
        hearing_of(replace(network, **changes))


@pytest.mark.parametrize("microphone", [Decimator(ratio=100), I2sWords(bits=18, halve=True)])
def test_a_plate_says_the_shape_again(microphone):
    shape = replace(SHAPE, microphone=microphone, rate=7812.5)
    assert len(shape.plate) == PLATE_BYTES
    assert read_plate(shape.plate) == shape


def test_a_plate_that_is_none_or_damaged_is_refused():
    with pytest.raises(ValueError, match="The flash names no device"):
        read_plate(b"\xff" * PLATE_BYTES)
    plate = bytearray(SHAPE.plate)
    plate[40] ^= 1
    with pytest.raises(ValueError, match="CRC-32 is wrong"):
        read_plate(bytes(plate))
    fields = SHAPE.to_dict()
    del fields["hop"]
    with pytest.raises(ValueError, match="'hop' is missing"):
        DeviceShape.from_dict(fields)


def test_random_plates_never_end_otherwise():
    random = np.random.default_rng(1)
    for _ in range(200):
        plate = bytearray(SHAPE.plate)
        plate[random.integers(600)] = random.integers(256)
        try:
            assert read_plate(bytes(plate)) == SHAPE
        except ValueError:
            continue

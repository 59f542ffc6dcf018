"""The compiled device equals the golden one in every integer, whatever its clocks do."""

from dataclasses import replace

import numpy as np
import pytest
from hearing.cases import samples
from hearing.devices import (
    CLOCKS,
    LAYOUT,
    agree,
    body,
    flash_with,
    opened,
    shape_of,
    verilog,
)
from hearing.networks import PDM, hearing_network, noise_bits, noise_samples
from hypothesis import HealthCheck, Phase, given, settings

from thresh.audio.i2s_words import I2sWords
from thresh.audio.modulator import pdm_bits
from thresh.audio.spotter import Spotter
from thresh.layout.device_link import (
    Heard,
    Identity,
    identify,
    listen,
    set_threshold,
)
from thresh.layout.flash_boot import boot, replacement
from thresh.layout.flash_slots import PAGE_BYTES, SECTOR_BYTES, BootResult
from thresh.sim.device.golden import GoldenDevice
from thresh.sim.flash_model import FlashModel

I2S = I2sWords(bits=24)
NETWORK = hearing_network()
HEARS = Spotter(shift=1, thresholds=(-30000,) * 3, refractory=(2,) * 3)
OTHER = hearing_network(spotter=replace(HEARS, refractory=(7,) * 3).to_dict())
BITS = noise_bits(1400)
FRAME_BITS = 80 * PDM.bits_per_sample


@pytest.mark.parametrize("clocks", CLOCKS)
def test_every_integer_from_bits_to_words(clocks):
    network = replace(NETWORK, spotter=HEARS.to_dict())
    with opened(network, clocks=clocks) as device:
        assert device.boot()
        device.hear(BITS)
        golden = agree(device, network)
        assert golden.frames >= 16
        assert len(golden.heard) > 3
        assert golden.events[:, 0].any()
        assert device.state.wakes <= golden.frames + 2
        assert device.cycles[1:].max() < 20_000
        device.wait(10)
        delays = [one.pin - one.decided for one in device.announcements]
        assert 0 < min(delays) <= max(delays) < 5 * clocks.audio_period / 1e12
        assert [one.label for one in device.announcements] == golden.heard[:, 1].tolist()


@pytest.mark.parametrize("clocks", CLOCKS[1:])
def test_words_of_an_i2s_microphone(clocks):
    words = noise_samples(700).astype(np.int64) << 8 | 0x5A
    with opened(NETWORK, microphone=I2S, clocks=clocks) as device:
        assert device.boot()
        device.hear(words)
        begin = np.flatnonzero(device.said)[0] - np.flatnonzero(words)[0]
        assert (device.said[begin : begin + len(words)] == words).all()
        assert agree(device, NETWORK, I2S).frames >= 6


def test_its_text_is_the_same_in_every_process():
    """Amaranth adds missing domains in the order of a set, which a process draws by itself."""
    head = verilog(shape_of(NETWORK)).partition("module thresh_device(")[2].partition(")")[0]
    clocks = [name for name in head.replace(",", " ").split() if name.endswith(("clk", "rst"))]
    assert clocks == ["audio_clk", "audio_rst", "clk", "rst"]


N = np.arange(560)
CORNERS = {
    "silence": 0 * N,
    "highest": 0 * N + 32767,
    "lowest": 0 * N - 32768,
    "square wave": np.where(N // 12 % 2, 32767, -32768),
    "fastest square wave": np.where(N % 2, 32767, -32768),
    "DC": 0 * N + 1234,
    "one bit": np.where(N == 200, 1, 0),
}


@pytest.mark.parametrize("corner", CORNERS)
def test_corners_of_the_chain_through_the_pins(corner):
    """As words of an I2S microphone, modulated as bits, and the bare signs as bits."""
    pcm = CORNERS[corner].astype(np.int16)
    hear_words(pcm)
    hear_bits(pdm_bits(pcm, PDM.bits_per_sample))
    hear_bits(np.repeat(pcm >= 0, PDM.bits_per_sample // 2).astype(np.uint8))


@settings(
    max_examples=4, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(samples(most=700))
def test_any_samples_through_the_pins(pcm):
    hear_words(pcm)
    hear_bits(np.repeat(pcm >= 0, PDM.bits_per_sample // 2).astype(np.uint8))


def hear_words(pcm):
    """An I2S microphone says them."""
    with opened(NETWORK, microphone=I2S, clocks=CLOCKS[1]) as device:
        device.boot()
        device.hear(pcm.astype(np.int64) << 8)
        agree(device, NETWORK, I2S)


def hear_bits(bits):
    """A PDM microphone says them."""
    with opened(NETWORK, clocks=CLOCKS[2]) as device:
        device.boot()
        device.hear(bits)
        agree(device, NETWORK)


def test_reports_on_the_line_hold_the_same_integers():
    with opened(NETWORK) as device:
        device.boot()
        device.wait(1500)
        (identity,) = device.messages()
        assert identity == Identity(
            result=BootResult.LOADED, bands=20, classes=3, layers=2,
            output_frac=NETWORK.output_frac, network=identity.network,
        )  # fmt: skip
        assert identity.network
        device.hear(BITS[: 5 * FRAME_BITS])
        device.send(listen(True))
        device.hear(BITS[5 * FRAME_BITS :])
        device.wait(20_000)
        answer, *reports = [one for one in device.messages() if not isinstance(one, Heard)]
        assert answer == identity
        assert reports[0].frame == 0
        assert len(reports) > 3
        _check_reports(device, reports)


def _check_reports(device, reports):
    """The reports are those of a sequence that begins with the first of them."""
    rows = device.trace(NETWORK).features
    start = rows.tolist().index(list(reports[0].features))
    places = [one.frame for one in reports]
    assert [list(one.features) for one in reports] == rows[start:][places].tolist()
    golden = GoldenDevice(NETWORK).take_features(rows[start:])
    listened = [True, *NETWORK.encoded]
    for name, wanted in (
        ("outputs", golden.outputs[places]),
        ("events", golden.events[places][:, listened]),
        ("label", golden.best[places]),
        ("score", golden.score[places]),
    ):
        assert np.array_equal([getattr(one, name) for one in reports], wanted), name
    announced = set(golden.heard[:, 0].tolist())
    assert [one.heard for one in reports] == [place in announced for place in places]
    assert all(0 < one.cycles < 20_000 for one in reports)


def test_a_threshold_is_set_from_the_line_and_words_are_told():
    quiet = replace(NETWORK, spotter=replace(HEARS, thresholds=(32767,) * 3).to_dict())
    with opened(quiet, clocks=CLOCKS[1]) as device:
        device.boot()
        for label in range(3):
            device.wait(2000)
            assert [type(one) for one in device.messages()] == [Identity]
            device.send(set_threshold(2 - label, 32767 if label < 2 else -30000))
        device.wait(2000)
        before = len(device.cycles)
        device.hear(BITS)
        device.wait(2000)
        golden = device.golden(quiet)
        told = [one for one in device.messages() if isinstance(one, Heard)]
        shown = device.announcements
        assert len(told) > 3
        assert {one.label for one in shown} == {0}
        assert [(one.frame, one.label) for one in told] == [(one.frame, 0) for one in shown]
        assert [one.score for one in told] == [golden.score[one.frame] for one in shown]
        assert before < shown[-1].frame
        assert (golden.best[[one.frame for one in shown]] == 0).all()


def test_without_a_network_nothing_is_heard_and_the_line_says_so():
    with opened(NETWORK, flash=b"\xff" * LAYOUT.end, clocks=CLOCKS[1]) as device:
        assert not device.boot()
        device.send(identify())
        device.wait(5000)
        assert device.messages() == [Identity(), Identity()]
        state = device.state
        assert not state.loaded
        assert not state.fell_back
        assert not len(device.cycles)
        device.wait(20_000)
        assert device.state.core_cycles == state.core_cycles


def test_a_broken_slot_is_passed_over_and_the_pin_and_the_line_say_so():
    flash = bytearray(flash_with(body(NETWORK), body(OTHER)))
    flash[LAYOUT.slot_address(1) + 700] ^= 1
    with opened(NETWORK, flash=bytes(flash)) as device:
        assert device.boot()
        device.wait(1500)
        (identity,) = device.messages()
        assert (identity.result, identity.slot, identity.sequence) == (BootResult.FELL_BACK, 0, 0)
        assert device.state.fell_back
        device.hear(BITS[:6000])
        agree(device, NETWORK)


def test_the_newer_of_two_networks_runs():
    with opened(OTHER, flash=flash_with(body(NETWORK), body(OTHER))) as device:
        device.boot()
        device.hear(BITS[:8000])
        agree(device, OTHER)
        (identity,) = device.messages()[:1]
        assert (identity.result, identity.slot, identity.sequence) == (BootResult.LOADED, 1, 1)


def started(flash):
    """(result, slot, sequence) as the line says them, whether the pins say loaded and fell back."""
    with opened(NETWORK, flash=bytes(flash)) as device:
        device.boot()
        device.wait(1500)
        (identity,) = device.messages()
        state = device.state
    return (identity.result, identity.slot, identity.sequence), state.loaded, state.fell_back


def cuts_of(operations):
    """Counts of operations behind which every sector is erased, and behind which it is written."""
    sectors = [operation.address // SECTOR_BYTES for operation in operations]
    return sorted(
        {1 + sectors.index(one) for one in sectors}
        | {len(sectors) - sectors[::-1].index(one) for one in sectors}
        | {2, len(sectors) - 1}
    )


@pytest.mark.parametrize("before", [(NETWORK,), (OTHER, NETWORK)], ids=["slot 1", "slot 0"])
def test_power_cut_at_every_sector_of_a_replacement_leaves_a_whole_network_and_the_line_says_which(
    before,
):
    old = flash_with(*map(body, before))
    operations = replacement(old, LAYOUT, body(OTHER))
    last = len(operations) - 1
    cuts = cuts_of(operations)
    sectors = {operation.address // SECTOR_BYTES for operation in operations}
    assert len(sectors) == -(-(len(body(OTHER)) + PAGE_BYTES) // SECTOR_BYTES) > 1
    for cut in cuts:
        chip = FlashModel(LAYOUT.end)
        chip.array = bytearray(old)
        chip.run(operations[:cut])
        golden = boot(bytes(chip.array), LAYOUT)
        seen, loaded, fell_back = started(chip.array)
        assert seen == (golden.result, golden.slot, golden.sequence)
        assert loaded
        assert fell_back == (golden.result == BootResult.FELL_BACK) == (1 < cut <= last)
        assert golden.body == body(OTHER if cut > last else NETWORK)


@pytest.mark.parametrize("broken", [(0,), (1,), (0, 1)])
def test_a_flipped_byte_in_each_slot_starts_the_other_network_or_none(broken):
    bodies = body(OTHER), body(NETWORK)
    for share in (0.0, 0.4, 0.9999):
        flash = bytearray(flash_with(*bodies))
        for slot in broken:
            flash[LAYOUT.slot_address(slot) + PAGE_BYTES + int(share * len(bodies[slot]))] ^= 0x10
        golden = boot(bytes(flash), LAYOUT)
        seen, loaded, fell_back = started(flash)
        assert loaded == (len(broken) == 1)
        assert fell_back == (broken == (1,))
        assert golden.body == (bodies[1 - broken[0]] if loaded else b"")
        assert seen[0] == golden.result
        assert golden.slot is None or seen[1:] == (golden.slot, golden.sequence)

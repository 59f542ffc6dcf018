"""The self-test finds nothing on a whole accelerator, and what is spoilt on another one."""

import json

import pytest
from link_bench import geometry

from thresh.host.client import Client
from thresh.host.selftest.trial import WRITTEN, self_test
from thresh.host.transport import DirectTransport
from thresh.layout.link import Command, Region
from thresh.model.cells import CELLS
from thresh.reports.hardware.selftest import SelfTest
from thresh.sim.device_twin import DeviceTwin


def findings_of(device, attempts=2):
    client = Client(DirectTransport(device), attempts=attempts)
    findings = self_test(client)
    return SelfTest(where="a twin", identity=client.identity, findings=findings)


def wrong(found):
    return {finding.part for finding in found.findings if finding.wrong}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"lanes": 8, "pointwise_lanes": 2, "value_bits": 12, "weight_bits": 8},
        {"lanes": 16, "weight_bits": 4, "weight_depth": 2048},
        {"sparse": True, "weight_depth": 8192},
    ],
)
def test_a_whole_accelerator_passes(fields):
    device = DeviceTwin(geometry(**fields))
    found = findings_of(device)
    assert found.whole, wrong(found)
    assert not any(finding.skipped for finding in found.findings)
    parts = {finding.part for finding in found.findings}
    assert parts >= set(CELLS) | {region.name.lower() for region in WRITTEN}
    assert not device.loaded
    assert "all of it is good" in str(found)
    assert json.loads(json.dumps(found.to_dict()))["whole"]
    assert "Self-test of a twin" in found.to_html()


class Stuck(DeviceTwin):
    """A twin with a bit of a memory that is always 1."""

    def __init__(self, region, word):
        super().__init__(geometry())
        self.place = region, word

    def receive(self, data):
        region, word = self.place
        answer = super().receive(data)
        self.memories[region][word, 0] |= 4
        return answer


@pytest.mark.parametrize("region", WRITTEN)
def test_a_bit_that_is_stuck_is_found_in_every_memory(region):
    word = 2
    found = findings_of(Stuck(region, word))
    finding = next(f for f in found.findings if f.part == region.name.lower())
    assert f"first word {word}" in finding.wrong
    assert not found.whole


class Short(DeviceTwin):
    """A twin of which two addresses of the weights are one word."""

    def receive(self, data):
        self.memories[Region.WEIGHTS][512:] = self.memories[Region.WEIGHTS][:512]
        answer = super().receive(data)
        return answer


def test_an_address_line_that_is_broken_is_found():
    assert "weights" in wrong(findings_of(Short(geometry())))


class Wrong(DeviceTwin):
    """A twin whose steps of more than one layer's kind are off by one."""

    def _step(self, payload):
        answer = bytearray(super()._step(payload))
        if self._plan and self._plan.layers[0].cell is CELLS["lstm"]:
            answer[4] ^= 1
        return bytes(answer)


def test_a_kind_of_layer_that_computes_wrong_is_found():
    found = findings_of(Wrong(geometry()))
    assert wrong(found) == {"lstm"}
    finding = next(f for f in found.findings if f.part == "lstm")
    assert finding.wrong.startswith("step 0, output 0 is ")


class Careless(DeviceTwin):
    """A twin that refuses no step."""

    def _step(self, payload):
        self.loaded = True
        return super()._step(payload) if payload else b""


def test_an_accelerator_that_steps_without_a_network_is_found():
    found = findings_of(Careless(geometry()))
    finding = next(f for f in found.findings if f.part == "refusals")
    assert finding.wrong == f"{Command.STEP.name} is not refused with NOT_LOADED"


def test_what_does_not_fit_is_said_to_be_so():
    found = findings_of(DeviceTwin(geometry(weight_depth=64)))
    skipped = {finding.part for finding in found.findings if finding.skipped}
    assert {"gru", "lstm"} <= skipped
    assert found.whole


def test_a_line_that_breaks_off_is_a_finding():
    class Deaf(DeviceTwin):
        asked = 0

        def receive(self, data):
            self.asked += 1
            return super().receive(data) if self.asked < 40 else b""

    found = findings_of(Deaf(geometry()), attempts=1)
    assert wrong(found) >= {"lstm", "refusals"}
    assert "answer" in found.findings[-1].wrong

"""Campaigns go on where they were stopped, name the part that failed, keep what they counted."""

import json
import sys
from threading import Thread

import link_bench
import numpy as np
import pytest

from bench import results
from bench.soak import __main__ as command
from bench.soak import campaign, cuts, drift, line, packets
from bench.soak.campaign import Campaign, Failed, Opened
from thresh.layout.link import Command, packet
from thresh.sim.device_twin import DeviceTwin


@pytest.fixture
def result(monkeypatch, tmp_path):
    """A function that reads the result of campaign ``some``, which is kept here alone."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results")
    return lambda: json.loads((tmp_path / "results" / "soak-some.json").read_text())


def counted(part, source="circuit", wanted=30, sequence=None):
    def opened(folder):
        return Opened(source=source, part=part, sequence=sequence)

    return Campaign(about="", unit="things", wanted=wanted, open=opened)


def test_a_campaign_that_was_stopped_goes_on_with_the_next_part(tmp_path, result):
    seen = []

    def part(number):
        seen.append(number)
        if seen == [0, 1]:
            raise KeyboardInterrupt
        return {"things": 10, "longest_wait": number}

    assert not campaign.run("some", counted(part), tmp_path)
    assert (result()["counts"]["things"], result()["whole"]) == (10, False)
    assert campaign.run("some", counted(part), tmp_path / "another machine")
    assert seen == [0, 1, 1, 2]
    assert result()["counts"] == {"things": 30, "longest_wait": 2}
    assert (result()["parts"], result()["whole"]) == (3, True)
    assert result()["command"] == "python -m bench.soak --only some"
    assert campaign.run("some", counted(part), tmp_path)
    assert seen == [0, 1, 1, 2]


def test_every_part_is_kept_when_it_ends(tmp_path, result):
    seen = []

    def part(number):
        if number:
            seen.append(result()["parts"])
        return {"things": 10}

    campaign.run("some", counted(part), tmp_path)
    assert seen == [1, 2]


def test_a_sequence_goes_on_from_the_result(tmp_path, result):
    class Sequence:
        at = 0

        def part(self, number):
            assert number == self.at
            self.at += 1
            return {"things": 10}

        def state(self):
            return {"at": self.at}

        def restore(self, state):
            self.at = state["at"]

    first, second, third = Sequence(), Sequence(), Sequence()
    campaign.run("some", counted(first.part, sequence=first), tmp_path, 10)
    assert result()["state"] == {"at": 1}
    campaign.run("some", counted(second.part, sequence=second), tmp_path)
    assert result()["state"] == {"at": 3}
    assert campaign.repeat("some", counted(third.part, sequence=third), tmp_path, 3)
    assert result()["parts"] == 3


def test_parts_of_another_circuit_do_not_count(tmp_path, result):
    campaign.run("some", counted(lambda number: {"things": 30}), tmp_path)
    seen = []
    other = counted(lambda number: seen.append(number) or {"things": 15}, source="another")
    assert campaign.run("some", other, tmp_path)
    assert seen == [0, 1]


@pytest.mark.parametrize(
    "damage",
    [
        {"state": {"part": 1}},
        {"state": {"part": 1, "x": [0], "snapshot": "THSS"}},
        {"state": {"part": 1, "x": [0], "snapshot": "***"}},
        {"state": None},
        {"counts": None},
    ],
)
def test_a_damaged_state_is_said_in_a_sentence(monkeypatch, capsys, tmp_path, result, damage):
    monkeypatch.setattr(drift.Sequence, "state", lambda self: {})
    some = counted(lambda number: {"things": 10}, sequence=drift.Sequence(None))
    campaign.run("some", some, tmp_path, 10)
    path = tmp_path / "results" / "soak-some.json"
    kept = result() | damage
    if kept["counts"] is None:
        del kept["counts"]
    path.write_text(json.dumps(kept))
    with pytest.raises(Failed, match=r"soak-some\.json is damaged, restore it or delete it"):
        campaign.run("some", some, tmp_path)
    path.write_text("{")
    with pytest.raises(Failed, match=r"soak-some\.json is damaged"):
        campaign.repeat("some", some, tmp_path, 1)


def test_a_sequence_of_another_network_or_of_other_inputs_begins_anew(monkeypatch):
    other = link_bench.network(4, 11, 6, kinds=("gru", "lstm"), threshold=701)
    assert (
        len({drift.described(each) for each in (drift.NET, other, link_bench.network(4, 6, 6))})
        == 3
    )

    class Core:
        source = "circuit "

        def __init__(self, geometry, folder):
            pass

    monkeypatch.setattr(drift, "ChipCore", Core)
    before = drift.opened(None, None).source
    assert before == "circuit " + drift.described(drift.NET)
    monkeypatch.setattr(drift, "inputs", lambda random, steps, last: np.zeros((steps, 4)))
    assert drift.opened(None, None).source != before


def test_who_runs_the_same_campaign_waits_and_goes_on_from_there(tmp_path, result):
    seen, others = [], []

    def part(number):
        seen.append(number)
        if number == 0:
            others.append(Thread(target=campaign.run, args=("some", counted(part), tmp_path)))
            others[0].start()
        return {"things": 10}

    assert campaign.run("some", counted(part), tmp_path, 20)
    others[0].join(60)
    assert seen == [0, 1, 2]
    assert result()["counts"] == {"things": 30}


def test_a_failure_names_its_part(tmp_path, result):
    def part(number):
        if number == 2:
            raise Failed("the wrong answer")
        return {"things": 10}

    with pytest.raises(Failed, match="some, part 2: the wrong answer"):
        campaign.run("some", counted(part, wanted=50), tmp_path)
    assert result()["parts"] == 2


def test_the_command_says_what_failed_and_repeats_a_part(monkeypatch, capsys, tmp_path, result):
    def part(number):
        raise Failed("it hangs")

    monkeypatch.setitem(command.CAMPAIGNS, "packets", counted(part))
    arguments = ["soak", "--only", "packets", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match="packets, part 0: it hangs"):
        command.main()
    monkeypatch.setattr(sys, "argv", [*arguments, "--part", "7"])
    with pytest.raises(SystemExit, match="it hangs"):
        command.main()


class Line(DeviceTwin):
    """A twin in the place of the compiled accelerator."""

    divisor, cycles = 8, 0

    def restart(self):
        super().restart()

    def close(self):
        pass


class Careless(Line):
    """One that executes a packet whatever its CRC."""

    def _check(self, body):
        return (body[0], body[1], body[2:-2]) if len(body) >= 4 else None


class Trusting(Line):
    """One that takes a part of a network for a whole."""

    def _identify(self, payload):
        self.loaded = True
        return super()._identify(payload)


@pytest.fixture
def powered(monkeypatch):
    """A function that puts a class of twin in the place of the compiled accelerator."""

    def put(kind):
        from contextlib import contextmanager

        @contextmanager
        def powered_up(compiled, seed):
            yield kind(line.SHAPE, clock_khz=8000)

        for module in (packets, cuts):
            monkeypatch.setattr(module, "powered_up", powered_up)

    monkeypatch.setattr(packets, "PER_PART", 300)
    return put


def test_packets_are_bad_in_every_way_and_an_accelerator_like_the_twin_passes(powered):
    powered(Line)
    counts = packets.part(None, 0)
    assert counts["packets"] == 300
    assert 150 < counts["bad_packets"] < 300
    assert counts["bad_tables"] == 1


def test_a_packet_that_is_executed_in_spite_of_its_crc_is_found(powered):
    powered(Careless)
    with pytest.raises(Failed, match="is answered with"):
        packets.part(None, 2)


def test_power_cuts_find_a_network_that_is_taken_for_whole(powered):
    powered(Line)
    sizes = cuts.bytes_to_load(None)
    for number in range(8):
        counts = cuts.part(None, sizes, number)
        assert counts["cuts"] == 1
        assert counts["cuts_of_the_host"] == number % 2
    powered(Trusting)
    with pytest.raises(Failed, match="said to be whole"):
        cuts.part(None, sizes, 0)


def test_damaged_packets_are_of_every_kind():
    random = np.random.default_rng(0)
    right = packet(1, Command.STEP, bytes(10), packets.NONCE)
    made = {packets.damaged(random, Command.STEP, bytes(10)) for _ in range(200)}
    assert right not in made
    assert min(map(len, made)) < len(right) < max(map(len, made))
    assert all(data[0] == data[-1] == 0xC0 for data in made)

"""How long a simulator may be silent."""

import subprocess
from itertools import count

import pytest

from thresh.sim.engines import cocotb_runner
from thresh.sim.errors import SimulationError


class Simulator:
    """Runs for ten looks at it; talks or not."""

    def __init__(self, log, line):
        self.log, self.line, self.looks = log, line, 0
        log.touch()

    def wait(self, seconds):
        self.looks += 1
        if self.looks <= 10:
            with self.log.open("a") as file:
                file.write(self.line)
            raise subprocess.TimeoutExpired("simulator", seconds)


@pytest.fixture(autouse=True)
def _a_minute_a_look(monkeypatch):
    clock = count(step=60)
    monkeypatch.setattr(cocotb_runner.time, "monotonic", lambda: next(clock))


def test_lines_in_the_log_are_progress(tmp_path):
    simulator = Simulator(tmp_path / "log.txt", "weights: 60 of 9216 words\n")
    cocotb_runner._attend(simulator, lambda: None, 150, simulator.log)
    assert simulator.looks == 11


def test_records_are_progress(tmp_path):
    simulator, records = Simulator(tmp_path / "log.txt", ""), count()
    cocotb_runner._attend(simulator, lambda: next(records), 150, simulator.log)
    assert simulator.looks == 11


def test_silence_is_an_end(tmp_path):
    simulator = Simulator(tmp_path / "log.txt", "")
    with pytest.raises(SimulationError, match=r"hangs: nothing happened for 150 s, see .*log\.txt"):
        cocotb_runner._attend(simulator, lambda: None, 150, simulator.log)
    assert simulator.looks < 6

"""nextpnr's report."""

import json

import pytest

from thresh.hw.flow.report import read_clocks, read_report


def hop(kind, delay, port):
    return {"type": kind, "delay": delay, "to": {"cell": "sum", "port": port}}


REPORT = {
    "fmax": {
        "crystal": {"achieved": 300.0, "constraint": 12.0},
        "clock": {"achieved": 50.5, "constraint": 45.36},
    },
    "utilization": {
        "ICESTORM_LC": {"used": 100, "available": 5280},
        "SB_I2C": {"used": 0, "available": 2},
        "DUMMY_CELL": {"used": 40, "available": 0},
    },
    "critical_paths": [
        {"from": "posedge crystal", "to": "posedge clock", "path": [hop("setup", 1, "I0")]},
        {
            "from": "posedge clock",
            "to": "posedge clock",
            "path": [
                hop("clk-to-q", 1.39, "O"),
                hop("logic", 0.25, "COUT"),
                hop("routing", 0.0, "CIN"),
                hop("logic", 0.5, "COUT"),
                hop("setup", 0.8, "I3"),
            ],
        },
    ],
}


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "report.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return write


def test_takes_the_clock_by_its_constraint(written):
    assert read_report(written(REPORT), 45.36).fmax_mhz == 50.5
    assert read_report(written(REPORT), 12).fmax_mhz == 300.0


def test_leaves_out_what_is_unused_or_no_resource(written):
    assert read_report(written(REPORT), 45.36).utilization == {
        "ICESTORM_LC": {"used": 100, "available": 5280}
    }


def test_carry_chain_is_one_hop(written):
    assert read_report(written(REPORT), 45.36).critical_path == (
        "clk-to-q 1.39 ns to sum O",
        "carry 0.75 ns",
        "setup 0.80 ns to sum I3",
    )


@pytest.mark.parametrize("data", ["no json", "[]", {"fmax": {"clock": {}}}])
def test_refuses_what_is_no_report(data, written):
    with pytest.raises(ValueError, match=r"report\.json is not a nextpnr report"):
        read_report(written(data), 42)


def test_refuses_a_report_without_clock(written):
    with pytest.raises(ValueError, match="reports no clock"):
        read_report(written({"fmax": {}, "utilization": {}}), 42)


def test_tells_every_clock_by_its_constraint(written):
    path = written(REPORT)
    assert read_clocks(path, {"audio": 12.0, "sync": 45.36}) == {"audio": 300.0, "sync": 50.5}
    with pytest.raises(ValueError, match=r"no clock that was to reach 2\.16 MHz"):
        read_clocks(path, {"audio": 2.16})
    with pytest.raises(ValueError, match="is not a nextpnr report"):
        read_clocks(written("{"), {"audio": 12.0})

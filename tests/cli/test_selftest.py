"""`thresh selftest` against the protocol-exact twin behind a pseudo-terminal."""

import json
from types import SimpleNamespace

import pytest
from cli_cases import answer, refusal
from link_bench import geometry

from thresh.cli.main import run
from thresh.host.client import Client
from thresh.layout.link import Region
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer


class Stuck(DeviceTwin):
    """A twin with a word of its state that is always 0."""

    def receive(self, data):
        answer = super().receive(data)
        self.memories[Region.STATE][3] = 0
        return answer


def test_a_whole_accelerator_has_status_0_and_a_page(capsys, tmp_path):
    page = tmp_path / "report.html"
    with PtyServer(DeviceTwin(geometry())) as server:
        found = answer(capsys, "selftest", "--port", server.path, "-o", page)
    assert found["whole"]
    assert all(finding["wrong"] is None for finding in found["findings"])
    assert "Self-test of" in page.read_text()


def test_what_is_wrong_is_told_by_the_status(capsys):
    with PtyServer(Stuck(geometry())) as server:
        assert run(["selftest", "--port", server.path, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {finding["part"] for finding in found["findings"] if finding["wrong"]} >= {"state"}


@pytest.mark.slow
def test_the_simulated_accelerator_of_a_board_is_whole(capsys, monkeypatch):
    """Answers begin late there: the longest ones are gathered whole before their first byte."""
    board = SimpleNamespace(geometry=geometry())
    monkeypatch.setattr("thresh.cli.selftest.find_board", lambda name: board)
    clients = []
    monkeypatch.setattr(
        "thresh.cli.selftest.Client", lambda *a, **b: clients.append(Client(*a, **b)) or clients[0]
    )
    found = answer(capsys, "selftest", "--simulate", "small")
    assert clients[0].exchange.repeated == 0
    assert found["whole"], found["findings"]
    assert found["where"] == "the simulated small"


@pytest.mark.parametrize("words", [(), ("--port", "a", "--simulate", "icebreaker")])
def test_either_a_port_or_a_simulation_is_wanted(capsys, words):
    assert "Give either --port or --simulate" in refusal(capsys, "selftest", *words)


def test_a_baud_rate_is_not_for_a_simulation(capsys):
    words = ("selftest", "--simulate", "icebreaker", "--baud", 9600)
    assert "--baud is for a --port" in refusal(capsys, *words)


def test_an_unknown_board_is_refused(capsys):
    assert "The board must be one of" in refusal(capsys, "selftest", "--simulate", "nothing")

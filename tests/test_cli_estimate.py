"""`thresh estimate`."""

import json

import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.model.model_file import save_network


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_says_what_is_needed_and_what_there_is(capsys, model):
    data = answer(capsys, "estimate", model, "icebreaker")
    assert data["fits"] is True
    assert data["needs"]["weight memory"]["needed"] <= data["needs"]["weight memory"]["available"]
    assert data["needs"]["SPRAM"] == {"needed": 4, "available": 4, "unit": "blocks"}


def test_a_network_that_does_not_fit_gives_advice_and_status_1(capsys, tmp_path):
    save_network(small_network(units=400), tmp_path / "m.safetensors")
    assert run(["estimate", str(tmp_path / "m.safetensors"), "icebreaker", "--json"]) == 1
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert data["fits"] is False
    assert captured.err == f"thresh: {data['advice']}\n"
    assert "fewer units" in data["advice"]


def test_more_lanes_than_multipliers_do_not_fit(capsys, model):
    assert run(["estimate", str(model), "ulx3s-12f", "--lanes", "128"]) == 1
    assert "NO" in capsys.readouterr().out


def test_an_unknown_board_is_refused(capsys, model):
    assert "must be one of icebreaker" in refusal(capsys, "estimate", model, "arty")

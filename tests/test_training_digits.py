"""The shipped digits network: its integers, its clips, and its recipe's command."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.model.audio import read_wav  # noqa: E402
from thresh.model.front_end import FrontEnd  # noqa: E402
from thresh.model.model_file import load_network  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.data import DIGITS  # noqa: E402
from thresh.training.delta import fired  # noqa: E402
from thresh.training.digits import Recipe, main  # noqa: E402
from thresh.training.export import from_network, to_network  # noqa: E402

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "examples" / "digits-gru128.safetensors"


@pytest.fixture(scope="module")
def network():
    return load_network(MODEL)


@pytest.fixture(scope="module")
def clips(network):
    front_end = FrontEnd.from_dict(network.front_end)
    audio = [read_wav(ROOT / "examples" / f"{word}.wav", front_end.rate)[0] for word in DIGITS]
    return [front_end.features(pcm) for pcm in audio]


def test_hears_every_shipped_clip(network, clips):
    assert network.classes == DIGITS
    assert network.decision == "mean"
    for digit, x in enumerate(clips):
        trace = GoldenModel(network).run(x[None])
        assert trace.outputs[0].sum(axis=0).argmax() == digit


def test_training_computes_the_same_integers_on_every_clip(network, clips):
    model = from_network(network)
    assert to_network(model).layers == network.layers
    for x in clips:
        with torch.no_grad():
            logits, trace = model(torch.tensor(x[None] / 2.0**12))
        golden = GoldenModel(network).run(x[None], keep_states=True)
        h = np.stack([states[0].h for states in golden.states], axis=1)
        np.testing.assert_array_equal(logits.numpy() * 2.0**11, golden.outputs)
        np.testing.assert_array_equal(trace.h.numpy() * 2.0**14, h)
        np.testing.assert_array_equal(fired(trace.sent_x).numpy(), golden.fired_x)
        np.testing.assert_array_equal(fired(trace.sent_h).numpy(), golden.fired_h[..., 0])


def test_shipped_network_is_small_and_as_the_results_say(network):
    assert MODEL.stat().st_size <= 200_000
    rows = json.loads((ROOT / "docs" / "results" / "digits.json").read_text())
    last = rows[-1]
    assert last["network"] == "quantised"
    assert network.notes["test_accuracy"] == last["accuracy"] >= 0.97
    assert network.notes["reduction"] == last["reduction"] >= 9
    gru = network.layers[0]
    assert gru.threshold_x == last["threshold_x"] * 2**gru.x_frac
    assert gru.threshold_h == last["threshold_h"] * 2**gru.h_frac
    assert "CC BY-SA 4.0" in network.notes["licence"]


def test_recipe_is_what_made_the_shipped_network(network):
    recipe, gru = Recipe(), network.layers[0]
    assert network.notes["seed"] == recipe.seed
    assert (gru.weight_x_frac, gru.weight_h_frac) == (recipe.weight_x_frac, recipe.weight_h_frac)
    assert network.layers[1].weight_x_frac == recipe.linear_frac


def test_command_without_data_says_where_it_comes_from(tmp_path, monkeypatch):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    result = CliRunner().invoke(main, ["-o", str(tmp_path / "out.safetensors")])
    assert result.exit_code == 2
    assert result.output.startswith("Error: The Free Spoken Digit Dataset is needed")
    assert not list(tmp_path.iterdir())

"""The shipped digits network: its integers, its clips, and its recipe's command."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired  # noqa: E402

from thresh.audio.front_end import FrontEnd  # noqa: E402
from thresh.data.audio_file import read_audio, write_wav  # noqa: E402
from thresh.model.model_file import load_network  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.digits import recipe as digits  # noqa: E402
from thresh.training.digits import speakers  # noqa: E402
from thresh.training.digits.recipe import Recipe, main  # noqa: E402
from thresh.training.digits.refit import main as refit_main  # noqa: E402
from thresh.training.sets.fsdd import DIGITS  # noqa: E402
from thresh.training.trainer.export import from_network, to_network  # noqa: E402

ROOT = Path(__file__).parent.parent.parent.parent
MODEL = ROOT / "examples" / "digits-gru128.safetensors"


@pytest.fixture(scope="module")
def network():
    return load_network(MODEL)


@pytest.fixture(scope="module")
def clips(network):
    front_end = FrontEnd.from_dict(network.front_end)
    audio = [read_audio(ROOT / "examples" / f"{word}.wav", front_end.rate)[0] for word in DIGITS]
    return [front_end.features(pcm) for pcm in audio]


def test_hears_every_shipped_clip(network, clips):
    assert network.classes == DIGITS
    assert network.decision == "mean"
    for digit, x in enumerate(clips):
        trace = GoldenModel(network).run(x[None])
        assert trace.outputs[0].sum(axis=0).argmax() == digit


def test_training_computes_the_same_integers_on_every_clip(network, clips):
    net = from_network(network)
    assert to_network(net).layers == network.layers
    for x in clips:
        with torch.no_grad():
            run = net(torch.tensor(x[None] / 2.0**12))
        trace = run.trace
        golden = GoldenModel(network).run(x[None], keep_states=True)
        h = np.stack([states[0].h for states in golden.states], axis=1)
        np.testing.assert_array_equal(run.outputs.numpy() * 2.0**11, golden.outputs)
        np.testing.assert_array_equal(trace.h.numpy() * 2.0**14, h)
        np.testing.assert_array_equal(fired(trace.sent_x).numpy(), golden.fired_x)
        np.testing.assert_array_equal(fired(trace.sent_h).numpy(), golden.fired_h[..., 0])


def test_shipped_network_is_small_and_as_the_results_say(network):
    assert MODEL.stat().st_size <= 200_000
    rows = json.loads((ROOT / "docs" / "results" / "digits.json").read_text())
    (last,) = (
        row for row in rows
        if (row["network"], row["seed"]) == ("quantised", network.notes["seed"])
    )  # fmt: skip
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


TINY = Recipe(units=8, takes=0, validation_takes=0, variations=0, plain=1, delta=1, quantised=1)


@pytest.fixture
def tones(tmp_path):
    """A data set of ten tones by two speakers, in the layout of FSDD."""
    draw = np.random.default_rng(2)
    for digit in range(10):
        for index in (0, 5, 8, 9):
            for speaker in ("ann", "bob"):
                tone = 4000 * np.sin(2 * np.pi * 300 * (digit + 1) * np.arange(1600) / 8000)
                pcm = (tone + draw.normal(0, 200, 1600)).astype(np.int16)
                write_wav(tmp_path / f"{digit}_{speaker}_{index}.wav", pcm, 8000)
    return tmp_path


def test_command_trains_exports_and_writes_its_table(tones, tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "Recipe", lambda **_: TINY)
    out, table = tmp_path / "out.safetensors", tmp_path / "digits.json"
    arguments = ["--data", tones, "-o", out, "--results", table, "--checkpoints", tmp_path / "ck"]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    rows = json.loads(table.read_text())
    assert [row["network"] for row in rows] == ["plain", "delta", "quantised"]
    assert all(row["recordings"] == 20 for row in rows)
    network = load_network(out)
    assert network.layers[0].units == 8
    assert network.notes["test_accuracy"] == rows[-1]["accuracy"]
    refit = [out, "--data", tones, "-o", tmp_path / "refit.safetensors", "--results", table]
    for _ in range(2):
        result = CliRunner().invoke(refit_main, [str(argument) for argument in refit])
        assert result.exit_code == 0, result.output
        added = json.loads(table.read_text())
        assert [row["network"] for row in added] == ["plain", "delta", "quantised", "refitted"]
        assert (added[-1]["recordings"], added[-1]["seed"]) == (20, 1)


def test_a_table_keeps_what_other_seeds_came_to(tmp_path):
    table = tmp_path / "digits.json"
    digits.keep(table, [{"network": "plain", "seed": 2}])
    digits.keep(table, [{"network": "plain", "seed": 1}])
    digits.keep(table, [{"network": "refitted", "seed": 1, "n": 1}], replaces=("refitted",))
    digits.keep(table, [{"network": "refitted", "seed": 1, "n": 2}], replaces=("refitted",))
    digits.keep(table, [{"network": "delta", "seed": 2}])
    assert json.loads(table.read_text()) == [
        {"network": "plain", "seed": 1}, {"network": "refitted", "seed": 1, "n": 2},
        {"network": "delta", "seed": 2},
    ]  # fmt: skip
    assert digits.command_of(Recipe(seed=2)) == f"{digits.COMMAND} --seed 2"


def test_each_speaker_is_left_out_in_turn(tones, tmp_path, monkeypatch):
    monkeypatch.setattr(speakers, "SHORT", TINY)
    table = tmp_path / "speakers.json"
    arguments = ["--data", tones, "-o", table, "--checkpoints", tmp_path / "ck"]
    result = CliRunner().invoke(speakers.main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    rows = json.loads(table.read_text())
    assert [(row["speaker"], row["recordings"]) for row in rows] == [("ann", 10), ("bob", 10)]


def test_left_out_speaker_is_in_neither_corpus(tones):
    everyone, without = (digits.prepare(tones, TINY, without=name) for name in ("", "ann"))
    for split, count in (("train", 40), ("validation", 20)):
        assert len(without.corpora[split]) * 2 == len(everyone.corpora[split]) == count

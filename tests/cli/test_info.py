"""`thresh info` and `thresh image`."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network, write_tone

from thresh.audio.decimator import Decimator
from thresh.audio.spotter import NEVER, Spotter
from thresh.hw.known_boards import BOARDS
from thresh.layout.image import build_image, load_image, save_image
from thresh.model.model_file import save_network


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(audio=True), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_a_model_file_is_described(capsys, model):
    data = answer(capsys, "info", model)
    assert data["type"] == "model file"
    assert data["classes"] == ["zero", "one", "two"]
    assert data["layers"][0]["kind"] == "gru"
    assert data["layers"][0]["input_format"] == "Q3.12"
    assert data["layers"][0]["threshold_x_real"] == 600 / 4096


def test_what_a_device_needs_is_described(capsys, model, tmp_path):
    network = small_network(audio=True)
    spotter = Spotter(shift=2, thresholds=(NEVER, 100, -50), refractory=(0, 9, 9))
    save_network(
        replace(network, microphone=Decimator().to_dict(), spotter=spotter.to_dict()),
        tmp_path / "d.safetensors",
    )
    data = answer(capsys, "info", tmp_path / "d.safetensors")
    assert data["microphone"]["ratio"] == 125
    assert data["spotter"] == {"kind": "word-spotter", "version": 1, "shift": 2}
    one = 2**network.output_frac
    assert data["announced_above"] == {"one": 100 / one, "two": -50 / one}
    assert answer(capsys, "info", model)["announced_above"] == {}


def test_an_image_is_written_and_described(capsys, model, tmp_path):
    path = tmp_path / "m.img"
    data = answer(capsys, "image", model, "icebreaker", "-o", path)
    assert data["memories"]["weights"]["available"] == 16384
    assert load_image(path).network == small_network(audio=True)
    described = answer(capsys, "info", path)
    assert described["type"] == "network image"
    assert described["geometry"]["lanes"] == 8
    assert described["weight_words"] == data["memories"]["weights"]["used"]


def test_audio_and_arrays_are_described(capsys, tmp_path):
    data = answer(capsys, "info", write_tone(tmp_path / "t.wav", seconds=0.5))
    assert (data["type"], data["seconds"]) == ("audio", 0.5)
    np.savez(tmp_path / "x.npz", a=np.zeros((3, 5)))
    data = answer(capsys, "info", tmp_path / "x.npz")
    assert data["arrays"] == {"a": {"shape": [3, 5], "dtype": "float64"}}


def test_damaged_and_foreign_files_are_refused(capsys, model, tmp_path):
    save_image(build_image(small_network(), BOARDS["icebreaker"].geometry), tmp_path / "i.img")
    whole = (tmp_path / "i.img").read_bytes()
    (tmp_path / "i.img").write_bytes(whole[:-5])
    assert "is truncated" in refusal(capsys, "info", tmp_path / "i.img")
    model.write_bytes(model.read_bytes()[:-5])
    assert "not a whole .safetensors" in refusal(capsys, "info", model)
    (tmp_path / "foreign").write_text("hello")
    assert "is not a model file" in refusal(capsys, "info", tmp_path / "foreign")


def test_an_unknown_board_is_refused_with_the_known_ones(capsys, model):
    assert "icebreaker, ulx3s-12f" in refusal(capsys, "image", model, "arty")


def test_a_network_too_large_leaves_no_image(capsys, tmp_path):
    save_network(small_network(units=400), tmp_path / "m.safetensors")
    text = refusal(capsys, "image", tmp_path / "m.safetensors", "icebreaker", "-o", tmp_path / "i")
    assert "does not fit" in text
    assert not (tmp_path / "i").exists()


def test_a_board_without_room_for_sums_is_refused(capsys, tmp_path):
    save_network(small_network(), tmp_path / "m.safetensors")
    text = refusal(capsys, "image", tmp_path / "m.safetensors", "icebreaker", "--sparse")
    assert "two block RAMs per lane for their sums, and the board icebreaker has none left" in text


def test_a_sparse_image_leaves_zeros_out(capsys, tmp_path):
    network = small_network(units=64)
    layers = [
        replace(layer, weight_h=layer.weight_h * 0, weight_x=layer.weight_x * 0)
        for layer in network.layers
    ]
    save_network(replace(network, layers=tuple(layers)), tmp_path / "m.safetensors")
    sizes = []
    for extra in ([], ["--sparse"]):
        result = answer(
            capsys, "image", tmp_path / "m.safetensors", "ulx3s-85f", "-o", tmp_path / "i", *extra
        )  # fmt: skip
        sizes.append(result["memories"]["weights"]["used"])
    assert sizes[1] < sizes[0] / 2
    assert load_image(tmp_path / "i").geometry.sparse

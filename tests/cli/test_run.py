"""`thresh run` against the protocol-exact twin behind a pseudo-terminal."""

import json

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network, write_tone

from thresh.cli.main import run
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.layout.image import build_image
from thresh.layout.link import Region
from thresh.model.model_file import load_network, save_network
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer


@pytest.fixture
def model(tmp_path):
    """A model file with a front end."""
    save_network(small_network(audio=True), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.fixture
def port():
    """A serial port with an accelerator of 4 lanes behind it."""
    geometry = geometry_for(small_network(audio=True), lanes=4)
    with PtyServer(DeviceTwin(geometry)) as server:
        yield server.path


def test_a_clip_is_heard_as_the_golden_model_hears_it(capsys, model, port, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    there = answer(capsys, "run", model, clip, "--port", port)
    here = answer(capsys, "golden", model, clip)
    assert there["heard"] == here["heard"]
    assert there["frames"] == here["frames"]
    assert there["mismatches"] == 0


def test_a_loaded_network_can_be_kept(capsys, model, port, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    assert "No network is loaded" in refusal(capsys, "run", model, clip, "-p", port, "--keep")
    first = answer(capsys, "run", model, clip, "-p", port)
    assert answer(capsys, "run", model, clip, "-p", port, "--keep")["heard"] == first["heard"]


def test_an_accelerator_that_differs_is_told_by_the_status(
    capsys, model, port, tmp_path, monkeypatch
):
    other = small_network(audio=True, threshold=2000)
    monkeypatch.setattr(
        "thresh.connection.build_image", lambda network, geometry: build_image(other, geometry)
    )
    clip = write_tone(tmp_path / "tone.wav")
    assert run(["run", str(model), str(clip), "-p", port, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["mismatches"] > 0


def test_another_network_than_the_one_that_is_kept_is_refused(capsys, model, port, tmp_path):
    clip, other = write_tone(tmp_path / "tone.wav"), tmp_path / "other.safetensors"
    save_network(small_network(audio=True, threshold=400), other)
    hash_ = answer(capsys, "run", model, clip, "-p", port)["network_hash"]
    laid_out = build_image(load_network(model), geometry_for(load_network(model), lanes=4))
    assert hash_ == f"{laid_out.hash:08x}"
    said = refusal(capsys, "run", other, clip, "-p", port, "--keep")
    assert f"The accelerator holds the network {hash_}, and small laid out for it is" in said
    assert answer(capsys, "selftest", "--port", port)["network_hash"] == hash_


class Upset(DeviceTwin):
    """A twin in which a bit of an accumulator turns over with the third step."""

    steps = 0

    def _step(self, payload):
        self.steps += 1
        if self.steps == 3:
            self.memories[Region.ACCUMULATORS][2, 1] ^= 16
        return super()._step(payload)


def test_steps_and_memories_are_verified(capsys, port, model, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    found = answer(capsys, "run", model, clip, "-p", port, "--verify", "2")
    assert found["verified"]["steps"] == found["frames"] // 2
    assert found["verified"]["wrong"] == []
    assert run(["run", str(model), str(clip), "-p", port, "--verify", "4"]) == 0
    assert "the memories" in capsys.readouterr().out
    assert "--verify" in refusal(capsys, "run", model, clip, "-p", port, "--verify", "0")


def test_what_verifying_finds_is_told_by_the_status(capsys, model, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    with PtyServer(Upset(geometry_for(small_network(audio=True), lanes=4))) as server:
        words = ["run", str(model), str(clip), "-p", server.path, "--verify", "4", "--json"]
        assert run(words) == 1
    (sentence,) = json.loads(capsys.readouterr().out)["verified"]["wrong"]
    assert sentence.startswith("After step 3, accumulator 0 of unit 2 of layer 0 is ")


def test_a_port_that_does_not_exist_is_refused(capsys, model, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    assert "no serial port" in refusal(capsys, "run", model, clip, "-p", str(tmp_path / "none"))


def test_a_silent_port_is_refused(capsys, model, tmp_path):
    class Silent:
        def receive(self, data):
            return b""

    np.save(tmp_path / "x.npy", np.zeros((2, 8), int))
    with PtyServer(Silent()) as server:
        text = refusal(
            capsys, "run", model, tmp_path / "x.npy", "-p", server.path, "--timeout", "0.01"
        )
    assert "answer" in text


def test_a_sequence_in_two_parts_ends_as_the_whole(capsys, port, model, tmp_path):
    network = load_network(model)
    x = np.cumsum(np.random.default_rng(0).integers(-900, 901, (12, network.inputs)), axis=0)
    for name, part in (("whole", x), ("first", x[:5]), ("second", x[5:])):
        np.save(tmp_path / f"{name}.npy", part)
    state, end, whole = (tmp_path / name for name in ("state", "end", "whole"))
    answer(capsys, "run", model, tmp_path / "whole.npy", "-p", port, "--save", whole)
    answer(capsys, "run", model, tmp_path / "first.npy", "-p", port, "--save", state)
    more = ("-p", port, "--resume", state, "--save", end, "--keep")
    assert answer(capsys, "run", model, tmp_path / "second.npy", *more)["mismatches"] == 0
    assert end.read_bytes() == whole.read_bytes()
    np.save(tmp_path / "two.npy", np.stack([x, x]))
    said = refusal(capsys, "run", model, tmp_path / "two.npy", *more)
    assert "A state is that of one sequence, and" in said
    assert "This is no snapshot" in refusal(
        capsys, "run", model, tmp_path / "first.npy", "-p", port, "--resume", model
    )

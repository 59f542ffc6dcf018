"""A board at the front door, stood in for by the device's twin."""

from dataclasses import replace

import numpy as np
import pytest
from door_cases import X, deciding

from thresh.host.transport import DirectTransport
from thresh.model.snapshot import read_snapshot
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer


@pytest.fixture
def device():
    """An accelerator of 4 lanes."""
    return DirectTransport(DeviceTwin(deciding().compile(lanes=4).geometry))


def test_the_board_predicts_what_the_golden_model_does(device):
    net, told = deciding(), []
    acc = net.compile("icebreaker")
    with acc.connect(device, progress=lambda *said: told.append(said)) as board:
        assert np.array_equal(board.predict(X[:3]), net.predict(X[:3]))
        assert np.array_equal(board.predict(X[0]), net.predict(X[0]))
        assert board.predict([X[0], X[1][:4]])[1].shape == (4, 4)
        assert board.decide(X[:3]) == net.decide(X[:3])
        assert "small on DirectTransport: 4 lanes" in repr(board)
    assert told[-1][0] == told[-1][1] > 0


def test_options_that_are_none_are_named():
    for one in (deciding(), deciding().compile("icebreaker")):
        with pytest.raises(TypeError, match=r"connect.* an unexpected keyword argument 'bauds'"):
            one.connect("/dev/null", bauds=9600)
    with pytest.raises(TypeError, match=r"write_verilog.* an unexpected keyword argument 'clock'"):
        one.write_verilog(clock=48)


def test_an_accelerator_with_an_sdram_is_loaded_with_its_columns(monkeypatch):
    net, loaded = deciding(), []
    geometry = net.compile("ulx3s-85f", columns="sdram", sparse=True).geometry
    monkeypatch.setattr(
        "thresh.connection.load_columns", lambda client, image, update: loaded.append(image)
    )
    twin = DeviceTwin(geometry)
    with net.connect(DirectTransport(twin)):
        assert loaded[0].geometry == geometry
        assert twin.loaded


def test_a_run_is_compared_with_the_golden_model(device, monkeypatch):
    net = deciding()
    with net.connect(device) as board:
        ran = board.run(X[:2], top=1)
        assert ran.equal
        assert ran.to_dict()["utterances"][0]["top"][0]["class"] == net.decide(X[0])
        assert "all outputs equal" in repr(ran)
        other = net.integers.layers[1].bias + 5000
        object.__setattr__(net.integers.layers[1], "bias", other)
        try:
            wrong = board.run(X[:2])
        finally:
            object.__setattr__(net.integers.layers[1], "bias", other - 5000)
        assert not wrong.equal
        assert "outputs DIFFER" in repr(wrong)


def test_steps_can_be_taken_one_by_one(device):
    net = deciding()
    with net.connect(device) as board:
        board.new_sequence()
        outputs = np.stack([board.step(x) for x in X[0]])
    assert np.array_equal(outputs, net.predict(X[0]))


def test_a_sequence_goes_on_from_a_saved_state(device):
    net = deciding()
    with net.connect(device) as board:
        board.run(X[0][:6])
        state = read_snapshot(board.state().to_bytes(), net.integers)
        board.run(X[3])
        rest = board.run(X[0][6:], begin=state)
        assert rest.equal
        assert np.array_equal(net.real(rest.utterances[0].outputs), net.predict(X[0])[6:])
        with pytest.raises(ValueError, match="A state is that of one sequence, not of 2"):
            board.run(X[:2], begin=state)


def test_a_loaded_network_can_be_kept(device):
    net = deciding()
    with net.connect(device, load=False) as board, pytest.raises(ValueError, match="No network is"):
        board.predict(X[0])
    with net.connect(device) as board:
        first = board.predict(X[0])
    with net.connect(device, load=False) as board:
        assert np.array_equal(board.predict(X[0]), first)


def test_ports_are_opened_and_closed(tmp_path):
    net = deciding()
    with PtyServer(DeviceTwin(net.compile(lanes=4).geometry)) as server:
        with net.connect(server.path) as board:
            assert board.run(X[0]).equal
            assert board.port == server.path
        with net.connect(server.path, load=False) as again:
            assert np.array_equal(again.predict(X[0]), net.predict(X[0]))
    with pytest.raises(ValueError, match="There is no serial port"):
        net.connect(str(tmp_path / "none"))


def test_a_network_that_does_not_fit_what_answers_closes_the_port():
    net = deciding()
    small = replace(net.compile(lanes=4).geometry, weight_depth=16)
    with (
        PtyServer(DeviceTwin(small)) as server,
        pytest.raises(ValueError, match="does not fit the"),
    ):
        net.connect(server.path)

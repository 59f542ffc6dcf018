"""The shortest script from a PyTorch module to a board runs as people write it."""

import numpy as np
import pytest
from run_text import ROOT, bench, blocks, slow_sequences

import thresh

SCRIPT = """
import thresh

net = thresh.convert(model)
net = net.quantise(x_train, weight_bits=8)
net = net.tune(x_val, y_val, max_loss=0.5)
acc = net.compile("ulx3s-85f", lanes=16)
cost = acc.estimate()
y = acc.predict(x)
score, trace = acc.score(x, y_true), acc.trace(x)
simulated = acc.simulate(x, engine="compiled")
flashed = acc.build("build").flash()
with acc.connect("/dev/ttyUSB0") as board:
    there = board.predict(x)
net.save("net.safetensors")
again = thresh.load("net.safetensors")
"""


README = "\n".join("\n".join(b) for b in blocks((ROOT / "README.md").read_text()).values())


@pytest.fixture
def known(torch):
    """What people have before the script: a PyTorch module, and recorded sequences."""
    torch.manual_seed(0)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = torch.nn.GRU(4, 12, batch_first=True)
            self.out = torch.nn.Linear(12, 3)

        def forward(self, x):
            return self.out(self.gru(x)[0][:, -1])

    model = Net()
    x_val = slow_sequences(6, 10, 4, 2)
    with torch.no_grad():
        y_val = model(torch.tensor(x_val, dtype=torch.float32)).argmax(dim=1).numpy()
    return {
        "model": model, "x_train": slow_sequences(8, 12, 4, 1), "x_val": x_val, "y_val": y_val,
        "x": x_val[:3], "y_true": y_val[:3],
    }  # fmt: skip


@pytest.fixture
def workbench(tmp_path, monkeypatch):
    """What runs code in a folder of its own, with a board at hand."""
    digits = thresh.load(ROOT / "examples" / "digits-gru128.safetensors")
    with bench(tmp_path, monkeypatch, digits.compile("icebreaker").geometry) as run:
        yield run


def test_the_script_runs_as_written(workbench, known):
    names = dict(known)
    workbench(SCRIPT, names)
    assert names["net"].decision == "last"
    assert names["net"].exploration.to_dict()["chosen"]["loss"] <= 0.5
    assert names["cost"].fits
    assert names["y"].shape == (3, 10, 3)
    assert 0 <= names["score"] <= 1
    assert names["trace"].outputs.shape == (3, 10, 3)
    assert names["simulated"].equal
    assert names["simulated"].result.frames == 30
    assert names["flashed"].written
    assert np.array_equal(names["there"], names["y"])
    assert names["again"].integers == names["net"].integers


def test_the_script_of_the_readme_runs_as_written(workbench, known, capsys):
    assert "thresh.convert(model)" in README
    names = dict(known)
    workbench(README, names)
    assert np.array_equal(names["y"], names["net"].predict(known["x"]))
    assert "A frame" in capsys.readouterr().out

"""`thresh.convert`: objects and files of other frameworks give the same network, proven."""

import inspect

import click
import numpy as np
import pytest
from door_cases import X

import thresh
from thresh.cli.import_ import command
from thresh.conversion import in_python

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")


class Gru(torch.nn.Module):
    """A GRU and a linear layer that reads the last step."""

    def __init__(self):
        super().__init__()
        self.gru = torch.nn.GRU(3, 8, batch_first=True)
        self.out = torch.nn.Linear(8, 4)

    def forward(self, x):
        return self.out(self.gru(x)[0][:, -1])


@pytest.fixture
def model():
    """A module with random weights."""
    torch.manual_seed(3)
    return Gru().eval()


@pytest.fixture
def sources(model, tmp_path):
    """The same network as every object and file, and what each says of the steps it reads."""
    program = torch.export.export(model, (torch.zeros(2, 5, 3),))
    torch.save(model.state_dict(), tmp_path / "net.pt")
    torch.export.save(program, tmp_path / "net.pt2")
    return {
        "module": (model, "last"), "state dict": (dict(model.state_dict()), "all"),
        "arrays": ({name: value.numpy() for name, value in model.state_dict().items()}, "all"),
        "program": (program, "last"), ".pt": (tmp_path / "net.pt", "all"),
        ".pt2": (str(tmp_path / "net.pt2"), "last"),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["module", "state dict", "arrays", "program", ".pt", ".pt2"])
def test_every_source_gives_the_same_network(model, sources, name):
    source, reads = sources[name]
    net = thresh.convert(source)
    assert net.reads == reads
    assert net.proof.difference < 1e-6
    with torch.no_grad():
        wanted = model(torch.tensor(X, dtype=torch.float32)).numpy()
    assert np.abs(net.predict(X)[:, -1] - wanted).max() < 1e-5


def test_a_proof_can_be_left_out(model):
    net = thresh.convert(model, proof=False)
    assert net.proof is None
    assert "not run, as was asked" in repr(net)


def test_what_a_state_dict_does_not_say_is_given(model):
    state = dict(model.state_dict())
    state["more.weight"], state["more.bias"] = torch.ones(2, 4), torch.zeros(2)
    with pytest.raises(ValueError, match="does not say what follows the linear layer out"):
        thresh.convert(state)
    net = thresh.convert(state, activations={"out": "relu"}, order=("gru", "out", "more"))
    assert [layer.kind for layer in net.floats.layers] == ["gru", "linear_relu", "linear"]


def test_the_decision_follows_what_the_module_reads(model):
    net = thresh.convert(model)
    assert net.quantise(X).decision == "last"
    assert net.quantise(X, decision="mean").decision == "mean"


def test_sentences_name_arguments_where_python_calls():
    state = {"a.weight": np.zeros((4, 3)), "b.weight": np.zeros((2, 4))}
    with pytest.raises(
        ValueError, match=r"linear layer a: give activations=\{'a': ...\} with none"
    ):
        thresh.convert(state)


def test_every_option_about_the_source_is_an_argument():
    options = [one for one in command.params if isinstance(one, click.Option)]
    hints = [one.opts[0] for one in options if (one.help or "").startswith(("PyTorch:", "ONNX:"))]
    assert len(hints) == 6
    arguments = inspect.signature(thresh.convert).parameters
    for option in ["--no-proof", *hints]:
        name = in_python(f"say {option} if that is so").split()[1].partition("=")[0]
        assert name in arguments


def test_sentences_about_data_name_the_verb(tmp_path):
    with pytest.raises(ValueError, match=r"import a network and quantise it on the table"):
        thresh.convert(tmp_path / "table.csv")


def test_the_input_of_an_onnx_model_can_be_named(tmp_path):
    onnx = pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    from onnx_cases import recurrent

    model = recurrent("GRU")
    onnx.save(model, tmp_path / "net.onnx")
    for source in (model, tmp_path / "net.onnx"):
        assert thresh.convert(source, input="X").floats.inputs == 3
        with pytest.raises(ValueError, match="The input must be one of X, not 'z'"):
            thresh.convert(source, input="z")

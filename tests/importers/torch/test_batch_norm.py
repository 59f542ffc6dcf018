"""Batch normalisation in state dicts and modules: taken up by the layers beside it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.importers.imported import prove  # noqa: E402
from thresh.importers.torch.modules import import_module  # noqa: E402
from thresh.importers.torch.state_dict import import_state_dict  # noqa: E402
from thresh.importers.torch.tensors import as_arrays  # noqa: E402


def normalised(**parts):
    """A module whose BatchNorms have seen something."""
    made = torch.nn.ModuleDict(parts)
    generator = torch.Generator().manual_seed(3)
    for part in made.values():
        if isinstance(part, torch.nn.BatchNorm1d):
            for value in part.state_dict().values():
                if value.is_floating_point():
                    value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    return made


def test_batch_norms_are_taken_up_and_proven():
    nn = torch.nn
    state = normalised(
        front=nn.BatchNorm1d(3), gru=nn.GRU(3, 4), mid=nn.BatchNorm1d(4), fc=nn.Linear(4, 5),
        end=nn.BatchNorm1d(5, affine=False), out=nn.Linear(5, 2),
    )  # fmt: skip
    said = {"front": "none", "mid": "none", "fc": "none", "end": "relu"}
    found = import_state_dict(as_arrays(state.state_dict()), activations=said)
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear_relu", "linear"]
    assert prove(found).difference < 1e-12
    assert any("mid is taken to have eps 1e-05" in note for note in found.notes)


def test_a_batch_norm_of_a_table_is_taken_up():
    nn = torch.nn
    for function in ("none", "relu"):
        state = normalised(emb=nn.Embedding(9, 3), bn=nn.BatchNorm1d(3), gru=nn.GRU(3, 4))
        found = import_state_dict(as_arrays(state.state_dict()), activations={"bn": function})
        assert [layer.kind for layer in found.network.layers] == ["gru"]
        assert prove(found).difference < 1e-12


def test_what_follows_a_batch_norm_is_asked_for():
    made = normalised(gru=torch.nn.GRU(3, 4), bn=torch.nn.BatchNorm1d(4), o=torch.nn.Linear(4, 2))
    state = as_arrays(made.state_dict())
    with pytest.raises(ValueError, match="what follows the BatchNorm bn: give --activation bn="):
        import_state_dict(state)


def test_layer_norms_and_halves_of_batch_norms_are_refused():
    state = as_arrays(torch.nn.ModuleDict({"n": torch.nn.LayerNorm(4)}).state_dict())
    with pytest.raises(ValueError, match="as a LayerNorm does, which scales each step by what"):
        import_state_dict(state)
    with pytest.raises(ValueError, match="n lacks running_var"):
        import_state_dict({"n.running_mean": np.zeros(4)})


class Heard(torch.nn.Module):
    """A GRU, a BatchNorm over its units, and a linear layer."""

    def __init__(self):
        super().__init__()
        self.parts = normalised(
            gru=torch.nn.GRU(3, 4, batch_first=True), bn=torch.nn.BatchNorm1d(4, eps=1e-2),
            out=torch.nn.Linear(4, 2),
        )  # fmt: skip

    def forward(self, x):
        h = self.parts["gru"](x)[0].transpose(1, 2)
        return self.parts["out"](self.parts["bn"](h).transpose(1, 2))


def test_batch_norms_of_a_module_are_taken_up_with_their_own_eps():
    found = import_module(Heard().eval())
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear"]
    assert prove(found).difference < 1e-12

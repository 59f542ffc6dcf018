"""PyTorch: state dicts, checkpoints, modules and programs of torch.export."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .case import Case

NEEDS = ("torch",)
STATE, OBJECT = "PyTorch state dict (.pt)", "PyTorch module"
PROGRAM, LIGHTNING = "torch.export (.pt2)", "Lightning checkpoint (.ckpt)"


def modules(*names: str) -> Any:
    """A ModuleDict of layers by short names, with weights of a fixed seed."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    kinds: dict[str, Callable[[], Any]] = {
        "gru": lambda: nn.GRU(3, 4, batch_first=True),
        "gru2": lambda: nn.GRU(3, 4, 2, batch_first=True),
        "lstm": lambda: nn.LSTM(3, 4, batch_first=True),
        "rnn": lambda: nn.RNN(3, 4, batch_first=True),
        "cell": lambda: nn.GRUCell(3, 4),
        "both": lambda: nn.GRU(3, 4, batch_first=True, bidirectional=True),
        "projected": lambda: nn.LSTM(3, 4, proj_size=2),
        "embedding": lambda: nn.Embedding(9, 3),
        "front": lambda: nn.BatchNorm1d(3), "norm": lambda: nn.BatchNorm1d(4),
        "layer_norm": lambda: nn.LayerNorm(4), "conv": lambda: nn.Conv1d(3, 3, 3),
        "fc": lambda: nn.Linear(4, 4), "out": lambda: nn.Linear(4, 2),
    }  # fmt: skip
    return nn.ModuleDict({name: kinds[name]() for name in names})


def saved(*names: str) -> Callable[[Path], Path]:
    """Writes a state dict of such layers."""

    def make(folder: Path) -> Path:
        import torch

        torch.save(modules(*names).state_dict(), folder / "net.pt")
        return folder / "net.pt"

    return make


def changed(change: Callable[[Any], Any], *names: str) -> Callable[[Path], Path]:
    """Writes what ``change`` makes of such layers."""

    def make(folder: Path) -> Path:
        import torch

        torch.save(change(modules(*names)), folder / "net.pt")
        return folder / "net.pt"

    return make


def pruned(made: Any) -> Any:
    """A state dict with masks."""
    from torch.nn.utils import prune

    prune.l1_unstructured(made["gru"], "weight_hh_l0", 0.5)
    return made.state_dict()


def normed(made: Any) -> Any:
    """A state dict with lengths and directions."""
    from torch.nn.utils.parametrizations import weight_norm

    weight_norm(made["out"])
    return made.state_dict()


def halves(folder: Path) -> Path:
    """A file of bfloat16."""
    from safetensors.torch import save_file

    save_file(modules("gru", "out").bfloat16().state_dict(), folder / "net.safetensors")
    return folder / "net.safetensors"


def script(folder: Path) -> Path:
    """A file of TorchScript."""
    import torch

    torch.jit.script(modules("gru")["gru"]).save(str(folder / "net.pt"))
    return folder / "net.pt"


def lightning(folder: Path) -> Path:
    """A checkpoint as Lightning keeps it."""
    import torch

    made = modules("gru", "out")
    state = {f"model.{name}": value for name, value in made.state_dict().items()}
    optimizer = torch.optim.Adam(made.parameters())
    kept = {
        "epoch": 3, "global_step": 96, "pytorch-lightning_version": "2.5.0", "state_dict": state,
        "loops": {}, "callbacks": {}, "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"units": 4},
    }  # fmt: skip
    torch.save(kept, folder / "last.ckpt")
    return folder / "last.ckpt"


def module(*names: str, reads: str = "all") -> Any:
    """An nn.Module whose forward is the chain of such layers."""
    import torch
    from torch import nn

    class Chain(nn.Module):
        """Layers one after the other."""

        def __init__(self) -> None:
            super().__init__()
            self.parts = modules(*names)

        def forward(self, x: Any) -> Any:
            for part in self.parts.values():
                if isinstance(part, nn.BatchNorm1d):
                    x = part(x.transpose(1, 2)).transpose(1, 2)
                else:
                    x = part(x)
                x = x[0] if isinstance(x, tuple) else x
            return x if reads == "all" else x[:, -1]

    torch.manual_seed(1)
    return Chain().eval()


def program(*names: str, reads: str = "all") -> Callable[[Path], Path]:
    """Writes a program of torch.export."""

    def make(folder: Path) -> Path:
        import torch

        x = torch.zeros(2, 9, dtype=torch.long) if "embedding" in names else torch.zeros(2, 9, 3)
        exported = torch.export.export(module(*names, reads=reads), (x,))
        torch.export.save(exported, folder / "net.pt2")
        return folder / "net.pt2"

    return make


def _case(source: str, what: str, make: Callable[[Path], Any], **hints: Any) -> Case:
    return Case(source=source, what=what, make=make, needs=NEEDS, hints=hints)


def cases() -> list[Case]:
    """Every network of PyTorch."""
    none = {"activations": {"norm": "none"}}
    return [
        _case(STATE, "GRU, Linear", saved("gru", "out")),
        _case(STATE, "GRU of two levels, Linear", saved("gru2", "out")),
        _case(STATE, "LSTM, Linear", saved("lstm", "out")),
        _case(STATE, "GRUCell, Linear", saved("cell", "out")),
        _case(STATE, "RNN, Linear, --nonlinearity tanh", saved("rnn", "out"), nonlinearity="tanh"),
        _case(STATE, "RNN, Linear", saved("rnn", "out")),
        _case(STATE, "GRU, two Linear, --activation fc=relu", saved("gru", "fc", "out"),
              activations={"fc": "relu"}),
        _case(STATE, "GRU, two Linear", saved("gru", "fc", "out")),
        _case(STATE, "Embedding, GRU, Linear", saved("embedding", "gru", "out")),
        _case(STATE, "GRU, BatchNorm1d, Linear, --activation norm=none",
              saved("gru", "norm", "out"), **none),
        _case(STATE, "GRU, LayerNorm, Linear", saved("gru", "layer_norm", "out")),
        _case(STATE, "Conv1d, GRU", saved("conv", "gru")),
        _case(STATE, "GRU of both directions", saved("both")),
        _case(STATE, "LSTM with proj_size", saved("projected")),
        _case(STATE, "pruned GRU, Linear", changed(pruned, "gru", "out")),
        _case(STATE, "GRU, weight-normed Linear", changed(normed, "gru", "out")),
        _case(STATE, "in net and optimizer of a training loop",
              changed(lambda made: {"net": made.state_dict(), "optimizer": {}}, "gru", "out")),
        _case(STATE, "a whole pickled module", changed(lambda made: made, "gru", "out")),
        _case("PyTorch state dict (.safetensors)", "bfloat16 GRU, Linear", halves),
        _case("TorchScript (.pt)", "GRU", script),
        _case(LIGHTNING, "GRU, Linear", lightning),
        _case(OBJECT, "GRU, Linear", lambda folder: module("gru", "out")),
        _case(OBJECT, "GRU, Linear of the last step",
              lambda folder: module("gru", "out", reads="last")),
        _case(OBJECT, "BatchNorm1d, GRU, BatchNorm1d, Linear",
              lambda folder: module("front", "gru", "norm", "out")),
        _case(OBJECT, "GRU, LayerNorm, Linear",
              lambda folder: module("gru", "layer_norm", "out")),
        _case(PROGRAM, "GRU, Linear", program("gru", "out")),
        _case(PROGRAM, "LSTM, Linear of the last step", program("lstm", "out", reads="last")),
        _case(PROGRAM, "RNN, Linear", program("rnn", "out")),
        _case(PROGRAM, "Embedding, GRU, Linear", program("embedding", "gru", "out")),
        _case(PROGRAM, "GRU, BatchNorm1d, Linear", program("gru", "norm", "out")),
        _case(PROGRAM, "GRU, LayerNorm, Linear", program("gru", "layer_norm", "out")),
        _case(PROGRAM, "GRU of both directions", program("both")),
    ]  # fmt: skip

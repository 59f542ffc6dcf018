"""A task's trained network in integers, and as PyTorch computes them."""

from torch import Tensor, nn

from thresh.model.network import Network
from thresh.model.qformat import QFormat
from thresh.training.layers import quantise
from thresh.training.trainer.export import from_network, to_network
from thresh.training.trainer.net import Net
from thresh.training.trainer.task import Task


class OnGrid(nn.Module):
    """A front whose results are the inputs of an integer network, in float64.

    Parameters
    ----------
    front : Module
    x_frac : int
        Fraction bits.
    """

    def __init__(self, front: nn.Module, x_frac: int) -> None:
        super().__init__()
        self.front, self.form = front, QFormat(bits=15, frac=x_frac)

    def forward(self, x: Tensor) -> Tensor:
        """Within half the range, as quantised layers want their inputs."""
        return quantise.narrow(self.front(x).double(), self.form.bits, self.form.frac)


def in_integers(net: Net, task: Task) -> tuple[Network, Net]:
    """The network whose formats are chosen on validation, and the same in PyTorch with its front.

    Parameters
    ----------
    net : Net
        With one threshold for the inputs and one per layer.
    task : Task
    """
    task.before_integers(net)
    front_end = task.front_end_of()
    network = to_network(
        net, task.items("validation"), classes=task.classes, decision=task.decision,
        front_end=front_end, x_frac=front_end.get("x_frac"), name=task.model,
    )  # fmt: skip
    exact = from_network(network)
    front = net.front.front if isinstance(net.front, OnGrid) else net.front
    exact.front = OnGrid(front, network.layers[0].x_frac)
    return network, exact.eval()


def for_integers(net: Net, task: Task) -> Net:
    """The same network, to be trained on in integers: they are computed with, and behind every one
    of the weights stands the real number that training moves."""
    exact = in_integers(net, task)[1]
    exact.gru.load_state_dict(net.gru.state_dict())
    exact.linear.load_state_dict(net.linear.state_dict())
    return exact

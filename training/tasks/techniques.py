"""The techniques that every task is trained with, and the operating points they are tried at."""

from dataclasses import replace

from thresh.training.trainer.pairing import Pairing
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

PLAIN = "plain"
"""The control: as many epochs as every technique, thresholds of zero."""

BEFORE = "the plain net that all start from"
"""The control without the further epochs."""

NAIVE = "naive delta of the plain net"
DELTA, L1 = "trained as delta", "+ L1 on changes"
PRUNED = "+ L1, half of the weights zero, balanced"
SPARSE = "+ L1, most weights zero, balanced"
STRAIGHT = "+ L1, straight gradient"
EQUAL, ANNEALED = "trained as delta, one threshold for x and h", "+ L1, thresholds rise"
LEARNED = "+ L1, a threshold per neuron, learned"
ROUNDED, NOISY = "activations rounded in training", "noise on activations in training"
INTEGERS, AT_GOAL = "int8", "int8 at the goal's reduction"

AFTER = (0.125, 0.177, 0.25, 0.354, 0.5, 0.707)
"""Parts of the task's thresholds that a network not trained with them is tried at."""


def pretraining(task: Task | type[Task]) -> Stage:
    """The plain network that techniques start from."""
    return Stage(
        name="pretrained", epochs=task.pretraining, rate=task.rate, first=task.first,
        dropout=task.dropout,
    )  # fmt: skip


def techniques(task: Task) -> list[Stage]:
    """All techniques that are trained, the control first; each starts from the plain net."""
    own = Stage(name=PLAIN, epochs=task.training, rate=task.then_rate)
    x, h = task.thresholds
    both = {"threshold_x": x, "threshold_h": h}
    cost = {**both, "activity": task.activity}
    later = {**cost, "straight": task.straight}
    mean = (x * h) ** 0.5
    lower = {"threshold_x": 0.7 * x, "threshold_h": 0.7 * h}
    return [
        own,
        replace(own, name=BEFORE, epochs=0),
        replace(own, name=ROUNDED, rounding=(x / 2, h / 2)),
        replace(own, name=NOISY, noise=(x / 4, h / 4)),
        replace(own, name=DELTA, **both),
        replace(own, name=EQUAL, threshold_x=mean, threshold_h=mean),
        replace(own, name=L1, **cost),
        replace(own, name=STRAIGHT, **cost, straight=True),
        replace(own, name=ANNEALED, **later, rise=0.5),
        replace(own, name=PRUNED, **later, sparsity=0.5),
        replace(own, name=SPARSE, **later | lower, sparsity=task.zeros),
        replace(own, name=LEARNED, **later, learned=True, fetches=task.fetches),
    ]


SLOW = 0.25
"""Share of the training over which the thresholds of a `pair` rise."""

TRIED = (0.77, 0.8, 0.82, 0.84, 0.88, 0.92, 1.0, 1.09)
"""Parts of its thresholds that the delta network of a `pair` is tried at in an exam."""


def pair(task: Task | type[Task], sparse: bool = False) -> tuple[Stage, ...]:
    """A control and a delta network that are trained alike: the same batches, dropout and epochs.

    What suits a task is its `Pairing`. Few sequences in a batch or a high rate, dropout before the
    linear layer, noise on what is sent where that helps, a cost on the states' changes alone,
    thresholds that rise at first, a gradient that silent units hear in their own next step too, and
    the posteriors of the control to follow: delta networks fit worse, and what was not heard in
    training worst. The third stage, where there is one, is the delta network's last: in
    integers, as it is tested. The delta network of a ``sparse`` pair has most of its weights zero.

    Raises
    ------
    ValueError
        As `pairing_of`.
    """
    return paired(task, pairing_of(task, sparse))


def pairing_of(task: Task | type[Task], sparse: bool = False) -> Pairing:
    """The settings of a task's `pair`.

    Raises
    ------
    ValueError
        When the task has no sparse pair.
    """
    own = task.sparse_pairing if sparse else task.pairing
    if own is None:
        raise ValueError(f"The task {task.name} has no pair with sparse columns")
    return own


def paired(task: Task | type[Task], own: Pairing) -> tuple[Stage, ...]:
    """The stages of a `pair` with the settings that are given."""
    x, h = own.thresholds or (0.75 * task.thresholds[0], 0.775 * task.thresholds[1])
    control = Stage(
        name="control of a pair", draws="pair", epochs=own.epochs, rate=own.rate, size=own.size,
        varied=own.varied, dropout=own.dropout,
    )  # fmt: skip
    delta = replace(
        control, name="delta of a pair", epochs=own.epochs - own.integers,
        threshold_x=x, threshold_h=h, noise=(own.noise * x, own.noise * h), rise=SLOW,
        activity_h=own.activity_h, straight=True,
        distil=own.follows if task.outputs > 1 else 0.0, sparsity=own.zeros,
    )  # fmt: skip
    if not own.integers:
        return control, delta
    integers = replace(
        delta, name="integers of a pair", epochs=own.integers, rate=own.last_rate, rise=0.0,
        quantised=True,
    )  # fmt: skip
    return control, delta, integers


def recommended(task: Task) -> tuple[Stage, ...]:
    """What a single training does with the plain network: what was best by the exam, or by a table.

    Of a `pair` the delta network and its last stage, in integers; where no exam says that these are
    better, the L1 cost with the gradient that suits the task.
    """
    if task.examined:
        return pair(task)[1:]
    wanted = STRAIGHT if task.straight else L1
    return (next(one for one in techniques(task) if one.name == wanted),)


def scales(task: Task, technique: Stage) -> tuple[float, ...]:
    """Parts of its thresholds that a technique is tried at; 0 for the plain nets."""
    if technique.name in (PLAIN, BEFORE):
        return (0.0,)
    return task.around if technique.threshold_h else AFTER

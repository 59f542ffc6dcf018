"""Networks of a wake word by fold, seed and kind: trained, tested, and kept."""

import copy
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thresh.audio.chain import read_features
from thresh.audio.decimator import Decimator
from thresh.audio.operating import Stream
from thresh.model.files import read_arrays, write_atomically
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network
from thresh.training.sets.keywords import Clip
from thresh.training.tasks.integers import OnGrid, in_integers
from thresh.training.tasks.training import make_net
from thresh.training.trainer.batches import Item
from thresh.training.trainer.export import from_network
from thresh.training.trainer.loop import train, unheard
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.work import Work

from .computer import Computer
from .wake import AGAIN, DELTA, PLAIN
from .wake_exam import streams_of

STAGES = (
    replace(PLAIN, epochs=20, size=32),
    replace(DELTA, epochs=14, size=32),
    *(replace(AGAIN, name=f"again {number}", epochs=7, size=32) for number in (1, 2)),
)
"""Trainings of a network, one after the other; between them it finds what is hardest. An epoch has
more of everything else than a user's, and there are fewer. The first is the start of both kinds."""

KINDS = ("delta", "control")
"""Delta networks, and plain ones that are trained alike."""

ROOMS = 3
"""Draws the rooms in which every clip of a side is heard again."""

SHIPS = 0
"""The fold whose network ships: of it alone validation is heard."""

Report = Callable[[str], Callable[..., None]]
"""Gives what is called after every epoch of a stage."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """A network, and what it hears.

    Parameters
    ----------
    network : Network
        With a microphone, and no decision yet unless it ships.
    streams, elsewhere : list of Stream
        The test as recorded, and every clip of it in another room.
    validation : list of Stream
        Every clip of validation in another room; empty where nothing is chosen.
    work : Work
        On the test.
    """

    network: Network
    streams: list[Stream]
    elsewhere: list[Stream]
    validation: list[Stream]
    work: Work


def control_of(stage: Stage) -> Stage:
    """A stage of the plain control: the same batches, dropout and epochs, without thresholds and
    without the cost on changes, which only thresholds have a use for."""
    return replace(
        stage, name=f"{stage.name} of the control", draws=stage.name, threshold_x=0.0,
        threshold_h=0.0, activity_h=0.0, rise=0.0,
    )  # fmt: skip


def stages_of(kind: str) -> tuple[Stage, ...]:
    """What a network of a kind is trained with after the start."""
    return STAGES[1:] if kind == "delta" else tuple(map(control_of, STAGES[1:]))


def start_of(task: Computer, seed: int, folder: Path, report: Report = lambda _: unheard) -> Net:
    """The plain network that both kinds of a fold start from."""
    torch.manual_seed(seed)
    net = make_net(task)
    name = STAGES[0].name
    train(
        net, task, STAGES[0], seed=seed, checkpoint=folder / f"{name}.pt", report=report(name)
    )  # fmt: skip
    return net


def trained(
    start: Net, task: Computer, kind: str, seed: int, folder: Path,
    report: Report = lambda _: unheard,
) -> Net:  # fmt: skip
    """A network of a kind: before every stage it finds what is hardest for it."""
    net = copy.deepcopy(start)
    task.pretrained(net)
    for number, stage in enumerate(stages_of(kind)):
        if number:
            task.refined(net)
        train(
            net, task, stage, seed=seed, checkpoint=folder / f"{stage.name}.pt",
            report=report(stage.name),
        )  # fmt: skip
    return net


def pieces_of(
    make: Callable[[], Computer], fold: int, seed: int, folder: Path, material: int,
    report: Report = lambda _: unheard, kinds: Sequence[str] = KINDS,
) -> dict[str, Piece]:  # fmt: skip
    """The networks of a fold and a seed; those that are kept already are not trained again.

    Parameters
    ----------
    make : callable
        Makes the fold's task, which takes longer than to read what is kept.
    fold, seed : int
    folder : Path
        Of all pieces; the checkpoints of one are below it.
    material : int
        Digest of the recordings and of how they are shared out.
    report : callable
    kinds : sequence of str
        Of `KINDS`.
    """
    home = folder / f"fold{fold}-seed{seed}"
    names = {kind: _recipe(kind, seed, material) for kind in kinds}
    pieces = {kind: _kept(home / kind, name) for kind, name in names.items()}
    found = {kind: piece for kind, piece in pieces.items() if piece is not None}
    if len(found) == len(pieces):
        return found
    task = make()
    start, sides = start_of(task, seed, home, report), _sides(task, fold)
    for kind in [one for one in kinds if one not in found]:
        network, exact = in_integers(trained(start, task, kind, seed, home, report), task)
        network = replace(network, microphone=Decimator().to_dict())
        found[kind] = _piece(network, exact, task, sides)
        _keep(home / kind, names[kind], found[kind])
    return {kind: found[kind] for kind in kinds}


def that_ships(network: Network, task: Computer) -> Piece | None:
    """What the network of an earlier training hears; None where it was another's recordings that
    its front end was fitted to."""
    if read_features(network) != task.front_end:
        return None
    exact = from_network(network)
    exact.front = OnGrid(task.front(), network.layers[0].x_frac)
    return _piece(network, exact.eval(), task, _sides(task, SHIPS))


def _sides(task: Computer, fold: int) -> dict[str, list[Item]]:
    """What a piece hears."""
    return {
        "streams": task.items("test"),
        "elsewhere": task.elsewhere("test", ROOMS),
        "validation": task.elsewhere("validation", ROOMS) if fold == SHIPS else [],
    }


def _piece(network: Network, exact: Net, task: Computer, sides: dict[str, list[Item]]) -> Piece:
    return Piece(
        network=network, work=evaluate(exact, task, sides["streams"]).work,
        **{name: streams_of(exact, network, items) for name, items in sides.items()},
    )  # fmt: skip


def material_of(clips: Sequence[Clip], more: Sequence[Clip], partition: int) -> int:
    """CRC-32 of all recordings, and of how they are shared out."""
    value = zlib.crc32(f"{partition} {len(clips)}".encode())
    for clip in (*clips, *more):
        value = zlib.crc32(f"{clip.label} {clip.speaker}".encode(), value)
        value = zlib.crc32(np.ascontiguousarray(clip.pcm), value)
    return value


def _recipe(kind: str, seed: int, material: int) -> str:
    """Digest of everything that is asked of a piece."""
    stages = [asdict(stage) for stage in (STAGES[0], *stages_of(kind))]
    text = json.dumps([Computer.units, stages, seed, material, ROOMS], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(path: Path, name: str, piece: Piece) -> None:
    """Write the network, and last, with its recipe's digest, what it heard.

    What another network heard goes first, so that it never stands beside this one.
    """
    path.with_suffix(".npz").unlink(missing_ok=True)
    save_network(piece.network, path.with_suffix(".safetensors"))
    arrays: dict[str, Any] = {"work": np.array(list(asdict(piece.work).values()))}
    for side in ("streams", "elsewhere", "validation"):
        for number, one in enumerate(getattr(piece, side)):
            arrays[f"{side}-{number}-scores"] = one.scores.astype(np.int32)
            arrays[f"{side}-{number}-spans"] = np.array(one.spans, int).reshape(-1, 2)
    file = io.BytesIO()
    np.savez_compressed(file, recipe=np.frombuffer(name.encode(), np.uint8), **arrays)
    write_atomically(path.with_suffix(".npz"), file.getvalue())


def _kept(path: Path, name: str) -> Piece | None:
    """What is kept of the same recipe; None where either of its files is missing."""
    if not all(path.with_suffix(ending).exists() for ending in (".npz", ".safetensors")):
        return None
    arrays = read_arrays(path.with_suffix(".npz"))
    if bytes(arrays["recipe"]).decode() != name:
        return None
    return Piece(
        network=load_network(path.with_suffix(".safetensors")),
        work=Work(**dict(zip(asdict(Work()), map(int, arrays["work"]), strict=True))),
        **{side: _streams(arrays, side) for side in ("streams", "elsewhere", "validation")},
    )


def _streams(arrays: dict[str, np.ndarray], side: str) -> list[Stream]:
    count = sum(name.startswith(f"{side}-") for name in arrays) // 2
    return [
        Stream(
            scores=arrays[f"{side}-{number}-scores"].astype(np.int64),
            spans=tuple((int(a), int(b)) for a, b in arrays[f"{side}-{number}-spans"]),
        )
        for number in range(count)
    ]  # fmt: skip

"""Colours of a graph's vertices that depend on its structure alone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=1 << 20)
def colour(text: str) -> int:
    """64 bits that stand for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph whose vertices and edges are coloured.

    Parameters
    ----------
    colours : (vertices,) uint64
    ends : (edges, 2) int
        Vertices that an edge joins; two vertices may be joined several times.
    labels : (edges,) uint64
        Colour of each edge, as seen from its first end.
    """

    colours: np.ndarray
    ends: np.ndarray
    labels: np.ndarray

    def refined(self) -> np.ndarray:
        """Weisfeiler-Lehman colours: two vertices keep one only while their surroundings agree.

        A vertex takes in the colours of its edges and neighbours, until that tells no more
        vertices apart. Neither the order of vertices nor that of edges matters.
        """
        if not len(self.ends):
            return self.colours
        sources = np.concatenate([self.ends[:, 0], self.ends[:, 1]])
        targets = np.concatenate([self.ends[:, 1], self.ends[:, 0]])
        labels = np.concatenate([self.labels, ~self.labels])
        order = np.argsort(targets, kind="stable")
        sources, targets, labels = sources[order], targets[order], labels[order]
        starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
        joined = targets[starts]
        colours, known = self.colours, len(np.unique(self.colours))
        while True:
            heard = np.zeros_like(colours)
            heard[joined] = np.add.reduceat(_mixed(_mixed(colours)[sources] ^ labels), starts)
            colours = _mixed(colours + _mixed(heard))
            told = len(np.unique(colours))
            if told == known:
                return colours
            known = told

    def part(self, chosen: np.ndarray, colours: np.ndarray) -> "Graph":
        """The ``chosen`` vertices with other colours, and the edges among them."""
        number = np.full(len(self.colours), -1)
        number[chosen] = np.arange(len(chosen))
        ends = number[self.ends]
        inside = (ends >= 0).all(axis=1)
        return Graph(colours=colours[chosen], ends=ends[inside], labels=self.labels[inside])

    def components(self) -> Iterator[np.ndarray]:
        """Vertices of each connected part."""
        beside: list[list[int]] = [[] for _ in self.colours]
        for first, second in self.ends.tolist():
            beside[first].append(second)
            beside[second].append(first)
        seen = [False] * len(beside)
        for start in range(len(beside)):
            if seen[start]:
                continue
            seen[start] = True
            found = [start]
            for vertex in found:
                for other in beside[vertex]:
                    if not seen[other]:
                        seen[other] = True
                        found.append(other)
            yield np.array(found)


def graph_digest(graph: Graph) -> str:
    """SHA-256 of a graph's structure: graphs with equal digests are the same but for order.

    Refined colours alone cannot tell a ring of six from two rings of three. What they leave
    undecided is therefore taken apart: in each connected part, one vertex of the smallest group of
    equals is given a colour of its own, until every vertex has one.
    """
    colours = graph.refined()
    alike = _alike(colours)
    parts = []
    if len(alike):
        rest = graph.part(alike, colours)
        parts = [_part_digest(rest.part(part, rest.colours)) for part in rest.components()]
    return _sha256(np.sort(colours).tobytes(), *sorted(parts))


def _part_digest(part: Graph) -> str:
    """The same for a connected graph; trees are known by their colours."""
    kinds, counts = np.unique(part.colours, return_counts=True)
    whole = np.sort(part.colours).tobytes()
    if len(part.ends) < len(part.colours) or counts.max() == 1:
        return _sha256(whole)
    smallest = counts[counts > 1].min()
    chosen = kinds[(counts == smallest)][0]
    choices = {}
    for vertex in np.flatnonzero(part.colours == chosen):
        colours = part.colours.copy()
        colours[vertex] = ~colours[vertex]
        marked = Graph(colours=colours, ends=part.ends, labels=part.labels)
        choices[np.sort(marked.refined()).tobytes()] = marked
    return _sha256(whole, *(graph_digest(choices[key]) for key in sorted(choices)))


def _alike(colours: np.ndarray) -> np.ndarray:
    """Vertices that share their colour."""
    _, where, counts = np.unique(colours, return_inverse=True, return_counts=True)
    return np.flatnonzero(counts[where] > 1)


def _mixed(values: np.ndarray) -> np.ndarray:
    """A permutation of 64 bits in which every bit of a result depends on all of the value."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _sha256(first: bytes, *others: str) -> str:
    total = hashlib.sha256(first)
    for other in others:
        total.update(other.encode())
    return total.hexdigest()

"""The door for bytes of others: sizes, depths and types are refused before they cost anything."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from thresh.model.untrusted import (
    DEEPEST,
    Outside,
    arrays_of,
    json_of,
    read_bytes,
    toml_of,
    unpacked,
    validated,
)


def npy(array, **header) -> bytes:
    """A ``.npy``, with entries of its header changed."""
    if not header:
        content = io.BytesIO()
        np.save(content, array)
        return content.getvalue()
    entries = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | header
    text = repr(entries).encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + array.tobytes()


def npz(**arrays) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_arrays_come_back():
    np.testing.assert_array_equal(arrays_of(npy(ARRAY), "a")[""], ARRAY)
    np.testing.assert_array_equal(arrays_of(npy(ARRAY, shape=(3, 2)), "a")[""].ravel(), range(6))
    found = arrays_of(npz(x=ARRAY, labels=np.array(["yes", "no"])), "a")
    assert found["labels"].tolist() == ["yes", "no"]
    np.testing.assert_array_equal(found["x"], ARRAY)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a whole NumPy file"),
        (npy(ARRAY)[:-1], r"says shape \(2, 3\) of float32, more than the 23 bytes"),
        (npy(ARRAY, shape=(1 << 40, 1 << 40)), "more than the 24 bytes that follow"),
        (npy(ARRAY, shape=(-1, 6)), "more than the 24 bytes that follow"),
        (npy(ARRAY, shape=("a",)), "not a whole NumPy file: .*[Ss]hape"),
        (npy(ARRAY, descr="<M8[s]"), "neither numbers nor text"),
        (npy(ARRAY, descr="<c8"), "it holds complex64, neither numbers nor text"),
        (npy(ARRAY, descr=[("a", "<f4")]), "neither numbers nor text"),
        (npy(ARRAY, descr="|O"), "Python objects, for instance sequences of unequal length: save"),
        (npy(np.array([0x110000, 65], "<u4"), descr="<U2", shape=(1,)), "that are no letters"),
        (npz(x=ARRAY)[:-30], "not a whole NumPy file"),
    ],
)
def test_lying_headers_are_refused(data, sentence):
    with pytest.raises(ValueError, match=f"^a.np[yz] is .*{sentence}"):
        arrays_of(data, "a.npy")


def test_members_that_are_no_arrays_are_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("read\x1bme.txt", "hello")
    with pytest.raises(ValueError, match=r"its member read me\.txt is no array"):
        arrays_of(content.getvalue(), "a.npz")


def bomb(declared: int | None = None) -> bytes:
    """A zip of 300 kB whose one member unpacks to 300 MB, or says that it unpacks to less."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(1_000_000))
    data = bytearray(content.getvalue())
    if declared is not None:
        place = data.rindex(b"PK\x01\x02")
        data[place + 24 : place + 28] = struct.pack("<I", declared)
    return bytes(data)


@pytest.mark.parametrize("declared", [None, 1000])
def test_a_bomb_is_refused_before_it_is_unpacked(declared):
    data = bomb(declared)
    assert len(data) < 400_000
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^a is not a whole NumPy file"):
        arrays_of(data, "a")
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


def test_numbers_of_a_byte_are_counted_as_numbers():
    data = npz(a=np.zeros(10 << 20, np.int8), b=np.zeros(10 << 20, np.int8))
    assert len(data) < 100_000
    with pytest.raises(ValueError, match=r"b\.npy would unpack to 10,485,760 numbers, more than"):
        arrays_of(data, "a")


def test_members_have_limits_of_their_own():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("config.json", "{}" * 100)
        archive.writestr("other", "unread")
    assert unpacked(content.getvalue(), {"config.json": 200}) == {"config.json": b"{}" * 100}
    with pytest.raises(ValueError, match=r"config\.json would unpack to 200 bytes"):
        unpacked(content.getvalue(), {"config.json": 10})


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(ValueError, match="larger than the 2,147,483,648 bytes"):
        read_bytes(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[" * 1000 + "]" * 1000, f"nested deeper than {DEEPEST} levels"),
        ("[" * 1_000_000, f"nested deeper than {DEEPEST} levels"),
        ("[1e999]", "1e999, which is beyond every number"),
        ("[NaN]", "NaN, which is no number"),
        ("[-Infinity]", "-Infinity, which is no number"),
        ("9" * 5000, "not valid JSON"),
        ("{", "not valid JSON"),
        (b"\xff\xfe\xfa", "not valid JSON"),
    ],
)
def test_json_beyond_limits_is_refused(text, sentence):
    with pytest.raises(ValueError, match=f"^a .*{sentence}") as caught:
        json_of(text, "a")
    assert len(str(caught.value)) <= 300


def test_toml_beyond_limits_is_refused():
    assert toml_of(b"rate = 0.5", "a") == {"rate": 0.5}
    for text in (b"a = " + b"[" * 5000 + b"]" * 5000, b"a =", b"\xff"):
        with pytest.raises(ValueError, match=r"^a is "):
            toml_of(text, "a")


class Form(Outside):
    """A field and a list."""

    count: int
    names: tuple[str, ...] | list[str] = ()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({}, "the field 'count' is missing"),
        ({"count": "1"}, "count: Input should be a valid integer, not '1'"),
        ({"count": True}, "count: Input should be a valid integer, not True"),
        ({"count": 0.5}, "count: .*, not 0.5"),
        ({"count": 1, "x\x1b[31m": 2}, "the field 'x \\[31m' is not known"),
        ([], "the whole: .*, not \\[\\]"),
    ],
)
def test_fields_are_of_their_type_exactly(value, sentence):
    with pytest.raises(ValueError, match=f"^a: {sentence}"):
        validated(Form, value, "a")

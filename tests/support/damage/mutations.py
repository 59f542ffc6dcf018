"""Files changed at random in the ways in which files are damaged or made to deceive."""

import io
import json
import re
import struct
import zipfile
import zlib

EXTREMES = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40,
            (1 << 63) - 1, (1 << 64) - 1]  # fmt: skip
"""Integers that lengths and sizes are replaced by."""

VALUES = [None, True, -1, 0, 1, 2**31, 10**30, 0.5, 1e308, "", "gru", "\x1b[31m\u202e", [], {},
          [None], {"a": {}}, "x" * 2000]  # fmt: skip
"""What fields of JSON are replaced by."""

TOKENS = [b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 5000, b'"', b"null", b"-1", b"0.5",
          b"{}", b"99999999999999999999"]  # fmt: skip
"""What numbers of a text are replaced by."""


def mutated(data, random):
    """``data`` changed in one to three ways; containers keep their checksums right."""
    for _ in range(int(random.integers(1, 4))):
        ways = [_flipped, _cut, _extreme, _repeated, _token]
        if data[:2] == b"PK":
            ways += [_member] * 6
        if data[:4] == b"THRS":
            ways += [_image] * 4
        if data[:4] == b"THSS":
            ways += [_checked] * 4
        if data[8:9] == b"{":
            ways += [_header] * 5
        if data[:1] in (b"{", b"["):
            ways += [_json] * 5
        if data:
            data = ways[int(random.integers(len(ways)))](data, random)
    return data


def _place(data, random):
    return int(random.integers(len(data)))


def _flipped(data, random):
    found = bytearray(data)
    for _ in range(int(random.integers(1, 9))):
        found[_place(found, random)] = int(random.integers(256))
    return bytes(found)


def _cut(data, random):
    return data[: _place(data, random)]


def _extreme(data, random):
    size = int(random.choice([2, 4, 8]))
    value = EXTREMES[int(random.integers(len(EXTREMES)))] % (1 << 8 * size)
    at = _place(data[:400] if random.integers(2) else data, random)
    return data[:at] + value.to_bytes(size, "little") + data[at + size :]


def _repeated(data, random):
    first, second = sorted(_place(data, random) for _ in range(2))
    return data[:first] + data[first : min(second, first + 4096)] + data[first:]


def _token(data, random):
    numbers = [m.span() for m in re.finditer(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])", data[:20000])]
    if not numbers:
        return _flipped(data, random)
    first, last = numbers[int(random.integers(len(numbers)))]
    return data[:first] + TOKENS[int(random.integers(len(TOKENS)))] + data[last:]


def _json(data, random):
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return _flipped(data, random)
    return json.dumps(_changed(value, random)).encode()


def _changed(value, random):
    """``value`` with one entry, at any depth, left out or replaced."""
    if isinstance(value, dict | list) and value and random.integers(8):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[int(random.integers(len(keys)))]
        found = value.copy()
        if not random.integers(6):
            del found[key]
        else:
            found[key] = _changed(value[key], random)
        return found
    return VALUES[int(random.integers(len(VALUES)))]


def _header(data, random):
    """A safetensors file whose header is changed as JSON, its length made right."""
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        metadata = header["__metadata__"]
        if random.integers(4):
            text = _json(metadata["thresh"].encode(), random).decode("utf-8", "replace")
            header["__metadata__"] = metadata | {"thresh": text}
        else:
            header = _changed(header, random)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _flipped(data, random)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def _image(data, random):
    """A network image whose header is changed as JSON, its lengths and CRC made right."""
    if len(data) < 20:
        return _flipped(data, random)
    version, zero, text, _ = struct.unpack_from("<HHII", data, 4)
    header, rest = data[16 : 16 + text], data[16 + text : -4]
    if random.integers(3):
        header = _json(header, random)
    else:
        rest = _flipped(rest, random) if rest else rest
    found = data[:4] + struct.pack("<HHII", version, zero, len(header), len(rest)) + header + rest
    return found + struct.pack("<I", zlib.crc32(found))


def _checked(data, random):
    """A snapshot that is changed, its CRC made right."""
    body = [_flipped, _cut, _extreme, _repeated][int(random.integers(4))](data[:-4] or data, random)
    return body + struct.pack("<I", zlib.crc32(body))


def _member(data, random):
    """A zip archive with one member changed, left out or renamed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = sorted(members)[int(random.integers(len(members)))]
    except Exception:  # damaged already
        return _flipped(data, random)
    way = int(random.integers(10))
    if way == 0:
        del members[name]
    elif way == 1:
        members[f"{name}\x1b"] = members.pop(name)
    elif members[name]:
        members[name] = mutated(members[name], random)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, value in members.items():
            archive.writestr(one, value)
    return content.getvalue()

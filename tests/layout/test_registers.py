"""The register description: no two registers or fields share a place."""

import pytest
from link_bench import geometry

from thresh.layout.link import Region
from thresh.layout.registers import (
    ADDRESS_BITS,
    REGION_BITS,
    Access,
    constants,
    register_map,
    window_words,
)


@pytest.mark.parametrize("values", [True, False])
@pytest.mark.parametrize("lanes", [4, 8, 128])
def test_registers_and_fields_have_places_of_their_own(lanes, values):
    shape = geometry(lanes=lanes)
    words = window_words(shape)
    assert words == lanes * 8 // 32
    taken = set()
    for register in register_map(window_words=words, values=values):
        for word in range(register.words):
            place = register.address + 4 * word
            assert place % 4 == 0
            assert place < 256
            assert place not in taken, register.name
            taken.add(place)
        bits = 0
        for field in register.fields:
            assert field.top < 32
            assert not bits & field.mask, (register.name, field.name)
            bits |= field.mask


def test_every_constant_has_a_value_and_no_other_field():
    registers = register_map(window_words=1, values=True)
    wanted = {
        f"{register.name}.{field.name}"
        for register in registers for field in register.fields
        if field.access == Access.CONSTANT
    }  # fmt: skip
    assert set(constants(geometry(), 48_000)) == wanted


def test_values_go_through_registers_only_where_they_have_no_streams():
    names = {
        values: {register.name for register in register_map(window_words=1, values=values)}
        for values in (True, False)
    }
    assert names[True] - names[False] == {"x", "y", "levels"}
    assert names[False] < names[True]


def test_a_word_is_addressed_with_as_many_bits_as_its_register_has():
    registers = {register.name: register for register in register_map(window_words=1, values=True)}
    fields = registers["memory_address"].fields
    assert [(field.at, field.bits) for field in fields] == [
        (0, ADDRESS_BITS), (ADDRESS_BITS, REGION_BITS),
    ]  # fmt: skip
    assert max(Region).bit_length() <= REGION_BITS

"""Inputs are numbered, and wait for their list to be taken."""

from block_bench import play

from thresh.gateware.encode.input_counter import InputCounter
from thresh.sim.benches.script import Script


def counter_script(inputs):
    return Script(inputs_minus_1=inputs - 1, accept=0, taken=0, restart=0)


def test_numbers_go_round_and_the_list_is_complete_until_it_is_taken():
    script = counter_script(3)
    for cycle, index in ((0, 0), (2, 1), (3, 2)):
        script.drive(cycle, accept=1)
        script.want(cycle, index=index, following=(index + 1) % 3, last=index == 2, complete=0)
    script.want(1, index=1, following=1, complete=0)
    script.want(4, index=0, complete=1, last=0)
    script.want(9, index=0, complete=1)
    script.drive(9, taken=1)
    script.want(10, complete=0, index=0)
    play(InputCounter(width=4), script)


def test_a_new_sequence_begins_with_the_first_input():
    script = counter_script(5)
    for cycle in range(3):
        script.drive(cycle, accept=1)
    script.drive(3, restart=1)
    script.want(3, index=3, following=0)
    script.want(4, index=0, complete=0)
    play(InputCounter(width=4), script)


def test_a_single_input_is_always_the_last():
    script = counter_script(1)
    script.drive(0, accept=1)
    script.want(0, last=1, following=0)
    script.want(1, last=1, complete=1)
    play(InputCounter(width=4), script)

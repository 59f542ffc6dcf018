"""The stream shell: frames in and out equal the golden model's, whatever happens between them."""

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth import *
from block_bench import simulate, stream_rules
from damage.bad_tables import bad_table
from exported.shell_bench import ShellDriver, frames_of
from link_bench import geometry, network, walk

from thresh.gateware.shells.stream_shell import StreamShell
from thresh.layout.image import build_image
from thresh.layout.link import Counter, Region

NETWORKS = {
    "gru": (network(5, 12, 3), {}),
    "one input, one output": (network(1, 4, 1), {}),
    "two units a cycle": (
        network(3, 9, 7, kinds=("lstm", "rnn_tanh"), value_bits=12),
        {"lanes": 8, "pointwise_lanes": 2, "value_bits": 12},
    ),
}


def shell_of(name, *, preloaded=False, seed=None):
    net, changes = NETWORKS[name]
    image = build_image(net, geometry(**changes))
    shell = StreamShell(geometry=image.geometry, image=image if preloaded else None)
    return net, image, shell, ShellDriver(shell, seed)


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_frames_equal_the_golden_model_under_back_pressure(name, seed):
    net, image, shell, driver = shell_of(name, seed=seed)
    x, got = walk(6, net.inputs) >> 4, []

    async def host(ctx):
        await driver.load(ctx, image)
        await driver.send(ctx, x)

    async def listener(ctx):
        got.append(await driver.receive(ctx, len(x)))

    simulate(shell, host, listener, background=stream_rules(y=shell.y, word=shell.word))
    np.testing.assert_array_equal(got[0], frames_of(net, x))


def test_a_preloaded_network_answers_as_soon_as_it_is_said_to_be_there():
    net, _, shell, driver = shell_of("gru", preloaded=True)
    x, got = walk(3, net.inputs), []

    async def host(ctx):
        ctx.set(shell.loaded, 1)
        await driver.send(ctx, x)

    async def listener(ctx):
        got.append(await driver.receive(ctx, len(x)))

    simulate(shell, host, listener)
    np.testing.assert_array_equal(got[0], frames_of(net, x))


def test_a_new_sequence_forgets_an_unfinished_frame_and_follows_the_frame_under_way():
    net, image, shell, driver = shell_of("gru")
    x, got = walk(4, net.inputs), []

    async def host(ctx):
        await driver.load(ctx, image)
        await driver.send(ctx, x[:2])
        await driver.new_sequence(ctx)  # the second frame is under way
        await driver.send(ctx, x[3][:2])
        await driver.new_sequence(ctx)
        await ctx.tick()
        await driver.send(ctx, x)

    async def listener(ctx):
        got.append(await driver.receive(ctx, 6))

    simulate(shell, host, listener)
    golden = frames_of(net, x)
    np.testing.assert_array_equal(got[0], np.concatenate((golden[:2], golden)))


def test_words_are_read_and_written_between_frames_and_disturb_none():
    net, image, shell, driver = shell_of("gru", seed=3)
    x, got, words = walk(4, net.inputs), [], []

    async def host(ctx):
        await driver.load(ctx, image)
        for values in x:
            await driver.send(ctx, values[:2])
            words.append(await driver.read(ctx, Region.HEADER, 0))
            weights = int.from_bytes(bytes(image.weights[3]), "little")
            assert await driver.read(ctx, Region.WEIGHTS, 3) == weights
            await driver.send(ctx, values[2:])
        words.append(await driver.read(ctx, Region.COUNTERS, Counter.STEP_CYCLES))

    async def listener(ctx):
        got.append(await driver.receive(ctx, len(x)))

    simulate(shell, host, listener, background=stream_rules(y=shell.y, word=shell.word))
    np.testing.assert_array_equal(got[0], frames_of(net, x))
    assert words[:-1] == [net.inputs - 1] * len(x)
    assert 10 < words[-1] < 1000


def test_no_input_is_taken_without_a_network_and_another_one_may_follow():
    net, image, shell, driver = shell_of("gru")
    other = network(7, 8, 9, seed=4)
    x, got = walk(2, net.inputs), []
    x_other = walk(2, 7)

    async def host(ctx):
        ctx.set(shell.x.valid, 1)
        for _ in range(100):
            _, _, ready = await ctx.tick().sample(shell.x.ready)
            assert not ready
        ctx.set(shell.x.valid, 0)
        await driver.load(ctx, image)
        await driver.send(ctx, x)
        await driver.until(ctx, ~shell.busy, "rest")
        ctx.set(shell.loaded, 0)
        await driver.load(ctx, build_image(other, shell.geometry))
        await driver.send(ctx, x_other)

    async def listener(ctx):
        got.append(await driver.receive(ctx, 2))
        got.append(await driver.receive(ctx, 2))

    simulate(shell, host, listener)
    np.testing.assert_array_equal(got[0], frames_of(net, x))
    np.testing.assert_array_equal(got[1], frames_of(other, x_other))


@pytest.mark.parametrize("wait", [1, 30, 90, 150])
def test_a_network_that_was_written_outlives_a_reset_in_the_middle_of_a_step(wait):
    net, image, shell, driver = shell_of("gru")
    x, got, reset = walk(3, net.inputs), [], Signal()

    async def host(ctx):
        await driver.load(ctx, image)
        await driver.send(ctx, x[0])
        await ctx.tick().repeat(wait)
        ctx.set(shell.loaded, 0)
        ctx.set(reset, 1)
        await ctx.tick()
        ctx.set(reset, 0)
        ctx.set(shell.loaded, 1)
        await driver.send(ctx, x)

    async def listener(ctx):
        await driver.until(ctx, reset, "the reset")
        got.append(await driver.receive(ctx, len(x)))

    simulate(ResetInserter(reset)(shell), host, listener)
    np.testing.assert_array_equal(got[0], frames_of(net, x))


@pytest.mark.parametrize("fault", ["no_last_layer", "not_encoded", "unknown_kind"])
def test_what_is_no_network_has_no_outputs_and_a_network_may_follow(fault):
    net, image, shell, driver = shell_of("gru")
    _, table, _ = bad_table(fault, 0, shell.geometry)
    wrong = SimpleNamespace(table=table, header=image.header, weights=image.weights)
    x, got = walk(2, net.inputs), []

    async def host(ctx):
        await driver.load(ctx, wrong)
        await driver.send(ctx, x[:1])
        await driver.until(ctx, shell.fault, "the fault")
        await driver.until(ctx, ~shell.busy, "rest")
        ctx.set(shell.x.valid, 1)
        for _ in range(100):
            _, _, ready, valid = await ctx.tick().sample(shell.x.ready, shell.y.valid)
            assert not ready
            assert not valid
        ctx.set(shell.x.valid, 0)
        ctx.set(shell.loaded, 0)
        await driver.load(ctx, image)
        assert not ctx.get(shell.fault)
        await driver.send(ctx, x)

    async def listener(ctx):
        await driver.until(ctx, shell.fault, "the fault")
        await driver.until(ctx, ~shell.fault, "another network")
        got.append(await driver.receive(ctx, len(x)))

    simulate(shell, host, listener)
    np.testing.assert_array_equal(got[0], frames_of(net, x))

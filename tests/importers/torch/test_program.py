"""Programs of torch.export: nothing is asked, everything is proven, pickles stay closed."""

import io
import json
import zipfile

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from torch import nn  # noqa: E402

from thresh.importers.imported import prove  # noqa: E402
from thresh.importers.sources import Hints, open_source  # noqa: E402
from thresh.importers.torch.program import import_program  # noqa: E402
from thresh.model.float_run import run_float  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


class Chain(nn.Module):
    """Layers whose forward is given."""

    def __init__(self, forward, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.called = forward

    def forward(self, x):
        return self.called(self, x)


def saved(path, module, x=None):
    x = torch.zeros(2, 9, 3) if x is None else x
    torch.export.save(torch.export.export(module.eval(), (x,)), path)
    return open_source(path, Hints())


def gru(**more):
    return nn.GRU(3, 5, batch_first=True, **more)


MODULES = {
    "order is not that of making": (
        lambda m, x: m.b(torch.relu(m.a(m.rnn(x)[0]))),
        {"b": nn.Linear(4, 2), "a": nn.Linear(5, 4), "rnn": gru()},
        ["gru", "linear_relu", "linear"], "all",
    ),
    "the last step of two levels": (
        lambda m, x: torch.sigmoid(m.a(m.rnn(x)[0][:, -1])),
        {"rnn": gru(num_layers=2), "a": nn.Linear(5, 4)},
        ["gru", "gru", "linear_sigmoid"], "last",
    ),
    "an LSTM and a softmax": (
        lambda m, x: torch.log_softmax(m.a(m.rnn(x)[0]), -1),
        {"rnn": nn.LSTM(3, 5, batch_first=True), "a": nn.Linear(5, 4)},
        ["lstm", "linear"], "all",
    ),
    "an RNN of relu": (
        lambda m, x: m.rnn(x)[0],
        {"rnn": nn.RNN(3, 5, nonlinearity="relu", batch_first=True)}, ["rnn_relu"], "all",
    ),
    "numbers in front": (
        lambda m, x: m.rnn((x - torch.tensor([1.0, 2.0, 3.0])) / 2.5)[0], {"rnn": gru()},
        ["gru"], "all",
    ),
    "numbers on the left, with a 0": (
        lambda m, x: m.rnn(torch.tensor([1.0, 0.0, 3.0]) * x - torch.tensor([0.0, 2.0, 3.0]))[0],
        {"rnn": gru()}, ["gru"], "all",
    ),
    "time first": (lambda m, x: m.rnn(x)[0], {"rnn": nn.GRU(3, 5)}, ["gru"], "all"),
    "the mean": (lambda m, x: m.rnn(x)[0].mean(1), {"rnn": gru()}, ["gru"], "mean"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_a_program_says_everything_by_itself(tmp_path, name):
    forward, modules, kinds, reads = MODULES[name]
    found = saved(tmp_path / "net.pt2", Chain(forward, **modules))
    assert [layer.kind for layer in found.network.layers] == kinds
    proof = prove(found)
    assert proof.reads == reads
    assert proof.unproven == ""


TABLES = {
    "the table": lambda m, x: m.rnn(m.table(x))[0],
    "a vector added": lambda m, x: m.rnn(m.table(x) + torch.tensor([1.0, 2.0, 3.0]))[0],
    "ReLU": lambda m, x: m.rnn(torch.relu(m.table(x)))[0],
    "a scaled Tanh": lambda m, x: m.rnn(torch.tanh(m.table(x) - 0.5) * 2)[0],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_takes_tokens(tmp_path, name):
    module = Chain(TABLES[name], table=nn.Embedding(11, 3), rnn=gru())
    found = saved(tmp_path / "net.pt2", module, torch.zeros(2, 9, dtype=torch.int64))
    assert (found.tokens, len(found.network.layers)) == (11, 1)
    assert prove(found).difference < 1e-5
    tokens = np.random.default_rng(1).integers(0, 11, (2, 9))
    with torch.no_grad():
        wanted = module(torch.tensor(tokens)).numpy()
    np.testing.assert_allclose(
        run_float(found.network, np.eye(11)[tokens]).outputs, wanted, rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(
    ("forward", "modules", "sentence"),
    [
        (lambda m, x: m.rnn(x)[0], {"rnn": gru(bidirectional=True)}, "is bidirectional"),
        (lambda m, x: m.rnn(x, torch.ones(1, 2, 5))[0], {"rnn": gru()}, "not zero"),
        (lambda m, x: m.norm(m.rnn(x)[0]), {"rnn": gru(), "norm": nn.LayerNorm(5)},
         "layer_norm, which scales each step"),
        (lambda m, x: (lambda y: y + m.a(y))(m.rnn(x)[0]), {"rnn": gru(), "a": nn.Linear(5, 5)},
         "joins two branches"),
        (lambda m, x: m.rnn(x / torch.tensor([1.0, 0.0, 3.0]))[0], {"rnn": gru()},
         "div divides by 0"),
        (lambda m, x: m.rnn(torch.tensor([1.0, 2.0, 3.0]) / x)[0], {"rnn": gru()},
         "has the signal on its right"),
        (lambda m, x: m.rnn(torch.add(x, torch.ones(3), alpha=2))[0], {"rnn": gru()},
         "add has alpha=2, which is not read"),
        (lambda m, x: m.rnn(torch.div(x, 2, rounding_mode="floor"))[0], {"rnn": gru()},
         "div has rounding_mode=floor"),
        (lambda m, x: m.rnn(torch.relu(x - 1))[0], {"rnn": gru()},
         "relu stands before the first layer"),
        (lambda m, x: m.rnn(x)[1] * 2, {"rnn": gru()}, "reads a state or another second output"),
        (lambda m, x: torch.relu(m.a(m.rnn(x)[0]).mean(1)), {"rnn": gru(), "a": nn.Linear(5, 4)},
         "relu stands behind the mean of all steps"),
        (lambda m, x: m.rnn(x, m.a.bias.view(1, 1, 5).expand(1, 2, 5))[0],
         {"rnn": gru(), "a": nn.Linear(5, 5)}, "starts from a state that is not zero"),
    ],
)  # fmt: skip
def test_what_is_no_chain_is_refused(tmp_path, forward, modules, sentence):
    with pytest.raises(ValueError, match=sentence):
        saved(tmp_path / "net.pt2", Chain(forward, **modules))


def rewritten(path, change):
    """The archive with members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(content.getvalue())


def test_pickled_objects_are_not_opened(tmp_path):
    path = tmp_path / "net.pt2"
    saved(path, Chain(lambda m, x: m.rnn(x)[0], rnn=gru()))

    def pickled(members):
        name = next(one for one in members if one.endswith("weights_config.json"))
        config = json.loads(members[name])
        next(iter(config["config"].values()))["use_pickle"] = True
        members[name] = json.dumps(config).encode()

    rewritten(path, pickled)
    with pytest.raises(ValueError, match="holds pickled objects, which are not opened"):
        open_source(path, Hints())


def test_other_archives_are_refused(tmp_path):
    path = tmp_path / "net.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
    with pytest.raises(ValueError, match=r"no archive of torch\.export that is read: export it"):
        open_source(path, Hints())
    path.write_bytes(b"PK and no more")
    with pytest.raises(ValueError, match=r"is not a whole \.pt2 file"):
        open_source(path, Hints())


def program_of(path):
    """A saved program with a size that is not fixed, and its JSON."""
    x = torch.zeros(2, 9, 3)
    sizes = ({0: torch.export.Dim("B", min=2, max=99)},)
    torch.export.save(torch.export.export(gru().eval(), (x,), dynamic_shapes=sizes), path)


def changed(path, change):
    """The program's JSON changed."""

    def change_json(members):
        name = next(name for name in members if "/models/" in name)
        program = json.loads(members[name])
        change(program)
        members[name] = json.dumps(program)

    rewritten(path, change_json)


def test_a_size_that_is_not_fixed_is_read(tmp_path):
    program_of(tmp_path / "a.pt2")
    assert prove(open_source(tmp_path / "a.pt2", Hints())).difference < 1e-6


def calling(program, folder):
    argument = {"name": "path", "arg": {"as_string": str(folder)}, "kind": 1}
    node = {"target": "torch.os.mkdir", "inputs": [argument], "outputs": [], "metadata": {}}
    program["graph_module"]["graph"]["nodes"].insert(0, node)


def sized(program, text):
    size = {"as_expr": {"expr_str": text, "hint": None}}
    program["graph_module"]["graph"]["sym_int_values"]["s77"] = size


def contained(program, folder):
    held = '[1, {"type": "collections.defaultdict", "context": "null"}]'
    program["graph_module"]["module_call_graph"][0]["signature"]["in_spec"] = held


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (calling, r"calls torch\.os\.mkdir, which is no operator"),
        (lambda program, folder: sized(program, f"__import__('os').mkdir('{folder}')"),
         r"has a size of __import__\('os'\)"),
        (lambda program, folder: sized(program, "9**9**9**9"), r"has a size of 9\*\*9"),
        (contained, r"gives its values in a collections\.defaultdict"),
    ],
)  # fmt: skip
def test_what_would_run_as_python_is_not_opened(tmp_path, change, sentence):
    path, folder = tmp_path / "a.pt2", tmp_path / "ran"
    program_of(path)
    changed(path, lambda program: change(program, folder))
    with pytest.raises(ValueError, match=sentence):
        open_source(path, Hints())
    assert not folder.exists()


def test_guards_are_left_out_and_compiled_code_is_not_loaded(tmp_path):
    path, folder = tmp_path / "a.pt2", tmp_path / "ran"
    program_of(path)
    changed(path, lambda program: program.update(
        guards_code=[f"__import__('os').mkdir('{folder}') or True"]))  # fmt: skip
    assert prove(open_source(path, Hints())).difference < 1e-6
    assert not folder.exists()
    rewritten(path, lambda members: members.update({"a/data/aotinductor/m/m.so": b"\x7fELF"}))
    with pytest.raises(ValueError, match=r"aotinductor/m/m\.so, which is no part of a program"):
        open_source(path, Hints())


def test_fixed_numbers_are_computed_of_numbers_alone():
    class Sums(nn.Module):
        def forward(self, x):
            return x + torch.ones(3).cumsum(0)

    class Much(nn.Module):
        def forward(self, x):
            return x + torch.ones(1 << 13, 1 << 13).mean()

    program = torch.export.export(Much(), (torch.zeros(2, 9, 3),))
    with pytest.raises(ValueError, match="ones makes 67,108,864 fixed numbers, more than are read"):
        import_program(program)
    program = torch.export.export(Sums(), (torch.zeros(2, 9, 3),))
    with pytest.raises(ValueError, match="cumsum of fixed numbers, which is not computed here"):
        import_program(program)

"""Whole files of every kind that is read, small, and the command that reads each."""

import importlib.util
import warnings
from dataclasses import replace

import numpy as np
import soundfile
from cli_cases import small_network, write_tone
from hearing.networks import hearing_network, noise_bits
from import_cases import float_network
from link_bench import geometry

from thresh.importers.onnx.export import save_onnx
from thresh.importers.plain import write_plain
from thresh.layout.image import build_image, save_image
from thresh.model.input_scaling import InputScaling
from thresh.model.model_file import save_network
from thresh.sim.device.golden import golden_device
from thresh.sim.device.recording import Recording
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_snapshot import save

JOURNAL = (
    '{{"point": [{}, 2], "error": 1.5, "fetches_per_frame": 9.0, "events_per_frame": 2.5, '
    '"reduction": null, "saturations": 0, '
    '"boards": {{"ulx3s-12f": {{"cycles": 5.0, "ideal": 4.0}}}}}}\n'
)
GOLDEN = ("golden", "{model}", "{file}")
HEARD = ("golden", "{hearing}", "{file}")
IMPORT = ("import", "{file}", "--no-proof", "-o", "{out}.npz")


def write_seeds(folder):
    """Files in ``folder`` and, by the name of each, the commands that read it."""
    network, hearing = small_network(), small_network(audio=True)
    scaling = InputScaling(offsets=(0.5,) * network.inputs, scales=(2.0,) * network.inputs)
    save_network(replace(network, scaling=scaling, notes={"a": [1, 2.5]}), folder / "m.safetensors")
    save_network(hearing, folder / "h.safetensors")
    save_image(build_image(network, geometry()), folder / "n.img")
    random = np.random.default_rng(1)
    x = random.normal(0, 1, (2, 4, 5)).astype(np.float32)
    np.save(folder / "x.npy", x)
    np.savez(folder / "l.npz", x=x, labels=np.array([0, 1]), lengths=np.array([2, 4]),
             classes=np.array(["a", "b"]))  # fmt: skip
    (folder / "t.csv").write_text("a,b,c,d,e\n" + "1,2,3,4,0.5\n" * 5)
    write_tone(folder / "a.wav", seconds=0.05)
    tone = 0.2 * np.sin(np.arange(800) / 3)
    soundfile.write(folder / "f.flac", tone, 8000)
    soundfile.write(folder / "o.ogg", tone, 8000)
    write_plain(float_network("gru", "linear"), folder / "p.npz")
    (folder / "p.json").write_text(
        '{"layers": [{"kind": "linear", "weight_x": [[[1.0, -0.5], [0.25, 2]]], "bias": [[0, 1]]}]}'
    )
    (folder / "s.toml").write_text('data = "x.npz"\nunits = 8\nrate = 0.003\nname = "n"\n')
    model = GoldenModel(network)
    model.run((100 * x[:1]).astype(int))
    (folder / "s.snapshot").write_bytes(save(model).to_bytes())
    whole, bits = hearing_network(), noise_bits(1500)
    heard = golden_device(whole, bits)
    Recording(trace=heard, stimulus=bits, network=whole).save(folder / "r.npz")
    (folder / "points.jsonl").write_text("".join(JOURNAL.format(n) for n in range(3)))
    made = {
        "m.safetensors": [
            ("info", "{file}"), ("golden", "{file}", "{x}"), ("export", "{file}", "{out}.npz"),
            ("estimate", "{file}", "icebreaker", "--activity", "0.1"),
            ("image", "{file}", "icebreaker", "-o", "{out}.img"),
        ],
        "n.img": [("info", "{file}")],
        "x.npy": [GOLDEN, ("info", "{file}")],
        "l.npz": [GOLDEN, ("info", "{file}")],
        "t.csv": [GOLDEN],
        "r.npz": [("replay", "{file}", "--golden-only")],
        "a.wav": [HEARD, ("info", "{file}")],
        "f.flac": [HEARD],
        "o.ogg": [HEARD],
        "p.npz": [IMPORT],
        "p.json": [IMPORT],
        "s.toml": [("settings", "{file}")],
        "s.snapshot": [("snapshot", "{file}")],
        "points.jsonl": [("journal", "{file}")],
    }  # fmt: skip
    return made | _with_extras(folder, network)


def _with_extras(folder, network):
    made = {}
    if importlib.util.find_spec("torch"):
        import torch

        modules = torch.nn.Sequential()
        modules.add_module("gru", torch.nn.GRU(3, 4))
        modules.add_module("out", torch.nn.Linear(4, 2))
        torch.save(modules.state_dict(), folder / "d.pt")
        from safetensors.torch import save_file

        save_file(modules.state_dict(), folder / "d.safetensors")
        gru = torch.nn.GRU(3, 4, batch_first=True)
        with warnings.catch_warnings(action="ignore"):
            program = torch.export.export(gru, (torch.zeros(1, 5, 3),))
        torch.export.save(program, folder / "p.pt2")
        made |= {"d.pt": [IMPORT], "d.safetensors": [IMPORT], "p.pt2": [IMPORT]}
    if importlib.util.find_spec("onnx"):
        from onnx_cases import recurrent

        (folder / "g.onnx").write_bytes(recurrent("GRU").SerializeToString())
        save_onnx(network, folder / "e.onnx")
        made |= {"g.onnx": [IMPORT], "e.onnx": [IMPORT]}
    if importlib.util.find_spec("h5py"):
        from keras_cases import layer, write_h5, write_zip

        layers = [layer("GRU", 3, 4, seed=1), layer("Dense", 4, 2, seed=2)]
        write_zip(folder / "k.keras", layers)
        write_h5(folder / "k.h5", layers)
        made |= {"k.keras": [IMPORT], "k.h5": [IMPORT]}
    if importlib.util.find_spec("nir"):
        import nir

        node = nir.Affine(weight=np.ones((2, 3)), bias=np.zeros(2))
        nir.write(folder / "a.nir", nir.NIRGraph.from_list(node))
        made["a.nir"] = [IMPORT]
    return made

"""Model files give back the integers that went in."""

from dataclasses import replace

import numpy as np
from cli_cases import small_network

from thresh.model.model_file import load_network, save_network


def test_arrays_in_any_memory_order_come_back(tmp_path):
    network = small_network()
    layers = tuple(
        replace(layer, weight_x=np.asfortranarray(layer.weight_x), bias=layer.bias[:, ::-1])
        for layer in network.layers
    )
    turned = replace(network, layers=layers)
    assert not turned.layers[1].weight_x.astype(np.int8).flags.c_contiguous
    save_network(turned, tmp_path / "net.safetensors")
    assert load_network(tmp_path / "net.safetensors") == turned

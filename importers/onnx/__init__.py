"""ONNX: graphs as chains of layers, and export with QDQ."""

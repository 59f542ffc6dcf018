"""The laboratory: golden models, benches and simulator runners."""

"""The accelerator as Amaranth components, streams in and streams out."""

"""Where a network lies in an accelerator: geometry, memory map, image, and the link's protocol."""

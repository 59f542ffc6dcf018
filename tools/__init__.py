"""Programs of other people that Thresh runs: where they are, which versions, what is missing."""

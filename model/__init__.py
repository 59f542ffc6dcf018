"""What a network is: number formats, layers, arithmetic, snapshots, and the model file."""

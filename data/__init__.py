"""What networks hear: recordings, labelled sets, and how they become inputs."""

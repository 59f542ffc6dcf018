"""What a step costs, from latencies and events alone."""

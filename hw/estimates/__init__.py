"""What a network needs and costs on a board, told before anything is built."""

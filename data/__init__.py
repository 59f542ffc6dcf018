"""What networks hear: recordings, labelled sets, and the front end that makes inputs of them."""

"""How well words are heard: spotted in recordings, or taken for each other."""

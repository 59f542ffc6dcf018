"""An exam that can be trusted: folds, pairs of networks, and the rule that judges them."""

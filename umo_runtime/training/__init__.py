"""Training of the three networks: corpora, stages, losses. Needs the `train` extra."""

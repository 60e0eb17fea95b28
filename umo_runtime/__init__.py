"""The model and everything it needs to run: leaf types, networks, engine, training, export."""

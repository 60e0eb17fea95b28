"""The real-time graph: stages, channels and the runners that link them."""

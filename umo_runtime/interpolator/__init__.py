"""Dense frames from sparse keyframes and frame-rate audio features."""

"""Speech, text and motion as tokens."""

"""From motion frames to engines and files: codecs, senders, recorders."""

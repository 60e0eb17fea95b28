"""From trained checkpoints to the ONNX files every backend runs."""

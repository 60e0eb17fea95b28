"""The keyframe predictor: text, audio and motion tokens in one autoregressive model."""

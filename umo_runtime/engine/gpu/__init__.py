"""The same networks on a GPU, by torch or TensorRT. Everything here needs torch."""

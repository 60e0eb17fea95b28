"""NVIDIA Audio2Face-3D's gRPC API: its clients get faces and bodies without a change.

Source: the protos of Audio2Face-3D (Apache-2.0), in the package `nvidia-audio2face-3d` 1.3.0 and in
NVIDIA's Audio2Face-3D-Samples; served is `A2FControllerService.ProcessAudioStream`.
"""

import os

# Else its C++ core writes to stderr what we tell in one line, such as that a port is taken.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

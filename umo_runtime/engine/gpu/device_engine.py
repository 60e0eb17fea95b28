"""All three networks on one device, state included: speech windows in, dense frames out.

A step plays one frame of many characters: a copy to the device for each batch, three CUDA graphs
and a copy back of each thing that makes a frame. Every row is tokenized, rows whose keyframe is due
draw it, every row is interpolated. What goes from network to network stays in tables on the device,
a row for each stream.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from umo_runtime.audio.framing import WARM_UP_FRAME, window_ends
from umo_runtime.config import NUM_REGIONS, TEXT_NAME
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.engine.gpu.captured_steps import CapturedSteps
from umo_runtime.engine.gpu.device_graph import DeviceGraph, TensorType
from umo_runtime.engine.gpu.device_network import DeviceNetwork
from umo_runtime.engine.gpu.staging import Staging
from umo_runtime.engine.gpu.uniforms import Uniforms
from umo_runtime.engine.slots import Slots
from umo_runtime.engine.weights import Weights
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.types import (
    FRAMES_PER_KEYFRAME,
    MEL_PER_FRAME,
    WINDOW_SAMPLES,
    FloatArray,
    IntArray,
)

Frames = tuple[FloatArray, FloatArray, FloatArray]
MOST_DUE = 4096  # keyframes drawn at once: their rings are gathered, 1.2 MB each
_TURNS = 3  # frames after which the windows of a frame overlap in the same way again


class DeviceEngine:
    """Plays frames of streams that come and go.

    Args:
        weights: the exported networks.
        open_graph: makes what runs a network of a name on the device.
        capacity: streams at most.
        device: where everything is.

    Attributes:
        model: sizes.
        text: text tokenizer.

    Raises:
        WeightsError: the networks cannot be run there.
    """

    @torch.inference_mode()
    def __init__(
        self,
        weights: Weights,
        open_graph: Callable[[str], DeviceGraph],
        capacity: int,
        device: torch.device,
    ) -> None:
        self.model = weights.model
        self.text = TextTokenizer.load(weights.folder / TEXT_NAME)
        self._slots = Slots(capacity)
        self._capacity, self._device = capacity, device
        self._frames = np.zeros(capacity, np.int64)  # frame that each row plays next
        self._uniforms = Uniforms(capacity, NUM_REGIONS * self.model.motion_levels)
        rows = capacity + 1  # the last one belongs to nobody: what a batch has left works on it
        self._tokenizer, self._predictor, self._interpolator = (
            DeviceNetwork(file, open_graph(name), rows, device)
            for name, file in weights.networks.items()
        )
        starts = window_ends(np.arange(_TURNS))
        places = (starts - starts[:, :1])[..., None] + np.arange(WINDOW_SAMPLES)
        self._places = torch.from_numpy(places.reshape(_TURNS, -1)).to(device)
        self._rest = torch.from_numpy(weights.rest_pose).to(device)
        self._keyframes = self._rest.expand(rows, 2, -1).clone()  # before the frame, and after it
        model = self.model
        self._codes = torch.zeros(
            (rows, FRAMES_PER_KEYFRAME, model.audio_levels), dtype=torch.int64, device=device
        )
        self._features = torch.zeros((rows, model.audio_channels), device=device)
        self._prepare()

    def _prepare(self) -> None:
        floats, whole, model = torch.float32, torch.int64, self.model
        frame = {
            "rows": TensorType(whole, ()),
            "turn": TensorType(whole, ()),
            "phase": TensorType(floats, ()),
            "controls": TensorType(floats, (CONTROL_DIM,)),
            "sound": TensorType(floats, (2, WINDOW_SAMPLES)),
        }
        keyframe = {
            "rows": TensorType(whole, ()),
            "text": TensorType(whole, (model.text_slots,)),
            "controls": TensorType(floats, (CONTROL_DIM,)),
            "uniforms": TensorType(floats, (NUM_REGIONS * model.motion_levels,)),
        }
        most, self._most_due = self._capacity, min(self._capacity, MOST_DUE)
        self._given = Staging(frame, most, self._device)
        self._due = Staging(keyframe, self._most_due, self._device)
        self._made = {
            name: torch.zeros((most, *kind.shape), dtype=kind.dtype, device=self._device)
            for name, kind in self._interpolator.outputs.items()
        }
        pool = torch.cuda.graph_pool_handle() if self._device.type == "cuda" else None
        # They are tried on row 0, as all that is given is 0 yet; whoever gets that row begins anew.
        self._predict = CapturedSteps(self._predict_rows, self._most_due, pool)
        self._tokenize = CapturedSteps(self._tokenize_rows, most, pool)
        self._interpolate = CapturedSteps(self._interpolate_rows, most, pool)

    @torch.inference_mode()
    def begin(self, streams: Sequence[str], seeds: Sequence[int], windows: FloatArray) -> None:
        """Admit streams with what their sound is before frame 0.

        Args:
            streams: B new streams.
            seeds: of their motion, B.
            windows: of the warm-up frame, [B, 4, 400].

        Raises:
            EngineError: a stream is there already, or all rows are taken.
        """
        rows = self._slots.admit_all(streams)
        self._uniforms.begin(rows, seeds)
        self._frames[rows] = WARM_UP_FRAME
        placed = torch.from_numpy(rows).to(self._device)
        for network in (self._tokenizer, self._predictor, self._interpolator):
            network.clear(placed)
        self._keyframes[placed] = self._rest
        size = self._give(rows, windows, np.zeros((len(rows), CONTROL_DIM), np.float32))
        self._tokenize(size)
        self._codes[placed] = self._codes[placed][:, -1:]  # what was heard before the start
        self._frames[rows] = 0
        self._wait()

    def evict(self, stream: str) -> None:
        """End a stream.

        Raises:
            EngineError: it is not there.
        """
        self._slots.evict(stream)

    @torch.inference_mode()
    def step(
        self, streams: Sequence[str], windows: FloatArray, text: IntArray, controls: FloatArray
    ) -> Frames:
        """Play the next frame of streams.

        Args:
            streams: B different streams.
            windows: of the frame, [B, 4, 400].
            text: codes since the last keyframe, [B, 8]; read where a keyframe is due, which it is
                in every fourth frame from the first on.
            controls: vectors of `Controls`, [B, 9].

        Returns:
            Rotations [B, 55, 4] xyzw, root position [B, 3] in metres, blendshapes [B, 52].

        Raises:
            EngineError: a stream has not begun.
        """
        rows = self._slots.rows(streams)
        due = np.flatnonzero(self._frames[rows] % FRAMES_PER_KEYFRAME == 0)
        if len(due) > self._most_due:
            halves = slice(len(rows) // 2), slice(len(rows) // 2, None)
            parts = [self.step(streams[h], windows[h], text[h], controls[h]) for h in halves]
            rotations, root, blendshapes = map(np.concatenate, zip(*parts, strict=True))
            return rotations, root, blendshapes
        size = self._give(rows, windows, controls)
        self._tokenize(size)
        if len(due):
            self._predict(self._give_due(rows[due], text[due], controls[due]))
        self._interpolate(size)
        rotations, root, blendshapes = self._fetch(len(rows))
        self._frames[rows] += 1
        return rotations, root, blendshapes

    def _give(self, rows: IntArray, windows: FloatArray, controls: FloatArray) -> int:
        """Send what a frame takes to the device; returns the size of the batch."""
        count, size = len(rows), self._tokenize.size_for(len(rows))
        given, frames = self._given.arrays(size), self._frames[rows]
        self._pad(given, count)
        given["rows"][:count] = rows
        given["turn"][:count] = frames % _TURNS
        given["phase"][:count] = frames % FRAMES_PER_KEYFRAME / FRAMES_PER_KEYFRAME
        given["controls"][:count] = controls
        outer = torch.from_numpy(windows)[:, :: MEL_PER_FRAME - 1]  # the others lie across these
        torch.from_numpy(given["sound"])[:count].copy_(outer)  # numpy's copy has but one thread
        self._given.send(size)
        return size

    def _give_due(self, rows: IntArray, text: IntArray, controls: FloatArray) -> int:
        """Send what keyframes take to the device; returns the size of the batch."""
        count, size = len(rows), self._predict.size_for(len(rows))
        given = self._due.arrays(size)
        self._pad(given, count)
        given["rows"][:count] = rows
        given["text"][:count], given["controls"][:count] = text, controls
        given["uniforms"][:count] = self._uniforms.take(rows)
        self._due.send(size)
        return size

    def _fetch(self, count: int) -> list[FloatArray]:
        """What was made of the first rows; waits for it.

        Memory of the host that the device can write to is lent anew each time: torch takes it back
        once nobody holds an array of it, so that nothing is copied twice nor asked of the system.
        """
        frames = []
        for made in self._made.values():
            shape, is_gpu = (count, *made.shape[1:]), made.is_cuda
            frame = torch.empty(shape, dtype=made.dtype, pin_memory=is_gpu)
            frames.append(frame.copy_(made[:count], non_blocking=is_gpu).numpy())
        self._wait()
        return frames

    def _wait(self) -> None:
        """Wait for everything that the device was told to do."""
        if self._device.type == "cuda":
            torch.cuda.current_stream().synchronize()

    def _pad(self, given: Mapping[str, npt.NDArray[Any]], count: int) -> None:
        """Let what a batch has left do something harmless on the row that belongs to nobody."""
        for array in given.values():
            array[count:] = 0
        given["rows"][count:] = self._capacity

    def _tokenize_rows(self, size: int) -> None:
        given = self._given.tensors(size)
        rows, sound = given["rows"], given["sound"].flatten(1)
        windows = sound.gather(1, self._places[given["turn"]])
        heard = self._tokenizer.advance(
            rows, {"windows": windows.view(size, MEL_PER_FRAME, WINDOW_SAMPLES)}
        )
        codes = torch.cat((self._codes[rows][:, 1:], heard["codes"][:, None]), dim=1)
        self._codes.index_copy_(0, rows, codes)
        self._features.index_copy_(0, rows, heard["features"])

    def _predict_rows(self, size: int) -> None:
        given = self._due.tensors(size)
        rows = given["rows"]
        inputs = {name: given[name] for name in ("text", "controls", "uniforms")}
        drawn = self._predictor.advance(rows, {"audio": self._codes[rows], **inputs})
        keyframes = torch.stack((self._keyframes[rows, 1], drawn["pose"]), dim=1)
        self._keyframes.index_copy_(0, rows, keyframes)

    def _interpolate_rows(self, size: int) -> None:
        given = self._given.tensors(size)
        rows, keyframes = given["rows"], self._keyframes[given["rows"]]
        inputs = {
            "previous": keyframes[:, 0],
            "following": keyframes[:, 1],
            "phase": given["phase"],
            "features": self._features[rows],
            "controls": given["controls"],
        }
        for name, output in self._interpolator.advance(rows, inputs).items():
            self._made[name][:size].copy_(output)

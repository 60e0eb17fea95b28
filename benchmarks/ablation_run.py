"""One variant: trained, measured, and let to perform. Started by `benchmarks.ablations`.

    python -m benchmarks.ablation_run JOB.json

Runs in a copy of the source whose keyframe interval is the variant's, and writes beside the job
`result.json` and the bodies that it made, `bodies-SEED.npz`.
"""

import argparse
import json
import math
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.ablation_variant import DESIGNED_INTERVAL, Variant
from benchmarks.batch_performance import perform_batch
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.config import TEXT_NAME, ModelConfig
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.errors import ConfigError
from umo_runtime.evaluation.performance import Performance
from umo_runtime.export.checkpoint import TrainedNetworks, load_run
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training.alignment import Hearing
from umo_runtime.training.config import PhaseConfig, load_config
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.foundation import next_token_loss
from umo_runtime.training.phase import load_network, run_phase
from umo_runtime.training.synchronisation import SynchronisationTask
from umo_runtime.training.take_file import read_takes
from umo_runtime.training.tokens import TokenSet, tokenize_dataset
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME, FloatArray

TRAINING_NAME, HELD_OUT_NAME, SPEECH_NAME = "training.npz", "held_out.npz", "speech.npz"
RESULT_NAME = "result.json"
SEEDS = (0, 1)
PHASE = "synchronisation"
_HEARINGS = 2
_HELD_OUT_BATCHES = 8
_STREAMS = (1, 16)
_TIMED_STEPS, _WARM_UP_STEPS = 100, 10


@dataclass(frozen=True, slots=True)
class Job:
    """What a child process is to do.

    Attributes:
        variant: which.
        config: file of the training configuration whose run holds the trained stages 1 and 2.
        shared: folder of the takes and the speech, the same for all variants.
        steps: of the optimiser.
        batch: crops per step.
        device: torch device.
    """

    variant: Variant
    config: Path
    shared: Path
    steps: int
    batch: int
    device: str

    def save(self, path: Path) -> None:
        """Write it for the child."""
        path.write_text(json.dumps(asdict(self), default=str))

    @classmethod
    def load(cls, path: Path) -> "Job":
        """Read what `save` wrote."""
        values = json.loads(path.read_text())
        paths = {name: Path(values[name]) for name in ("config", "shared")}
        return cls(**{**values, **paths, "variant": Variant(**values["variant"])})


def run(job: Job, folder: Path) -> dict[str, Any]:
    """Do a job inside a folder of its own and return its figures.

    Raises:
        UmoError: data, weights or the source do not fit.
    """
    if job.variant.interval != FRAMES_PER_KEYFRAME:
        raise ConfigError(
            f"{job.variant.name} runs in a source of {FRAMES_PER_KEYFRAME} frames per keyframe; "
            "start it with benchmarks.ablations"
        )
    began = time.perf_counter()
    torch.set_float32_matmul_precision("high")
    config = load_config(job.config)
    torch.manual_seed(config.seed)
    model = job.variant.model(config.model)
    phase = replace(config.phases[PHASE], steps=job.steps, batch=job.batch, save_every=job.steps)
    for earlier in ("motion_tokenizer.pt", "alignment.pt"):
        (folder / earlier).symlink_to(config.run / earlier)
    tokens, predictor = _prepare(job, model, config.run, config.seed)
    trained = time.perf_counter()
    run_phase(SynchronisationTask(predictor, phase, tokens), phase, folder, config.seed)
    train_s = time.perf_counter() - trained
    networks = load_run(folder, model)
    figures = {
        "interval": job.variant.interval,
        "routing": job.variant.routing,
        "held_out": _held_out(predictor, phase, tokens),
        "cost": cost(networks.predictor),
        "training": {"device": _device_name(job.device), "ms_per_step": 1e3 * train_s / job.steps},
    }
    _perform(job, networks, folder)
    return {**figures, "seconds": time.perf_counter() - began}


def velocity_scale(interval: int) -> Tensor:
    """Factors [P] that turn decoded poses, whose velocities are per 4 frames, into `interval`'s."""
    scale = torch.ones(POSE_DIM)
    for region in BODY_REGIONS:
        _, velocities = scale[REGION_SLICES[region]].chunk(2)
        velocities.fill_(interval / DESIGNED_INTERVAL)
    return scale


def bits_per_second(nats_per_token: float, tokens: int, interval: int) -> float:
    """What motion costs to tell, given so many tokens every `interval` frames."""
    return nats_per_token / math.log(2) * tokens * FRAME_RATE_HZ / interval


def cost(predictor: KeyframePredictor) -> dict[str, float]:
    """Size of a predictor on the CPU, steps a second, and what a step costs one core."""
    rate_hz = FRAME_RATE_HZ / FRAMES_PER_KEYFRAME
    parameters = sum(p.numel() for p in predictor.parameters() if p.requires_grad)
    figures: dict[str, float] = {"parameters": parameters, "steps_per_second": rate_hz}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for streams in _STREAMS:
        step_ms = _step_ms(predictor, streams)
        figures[f"step_ms_{streams}"] = step_ms
        figures[f"core_share_{streams}"] = step_ms / 1e3 * rate_hz / streams
    torch.set_num_threads(threads)
    return figures


def write_bodies(performances: Sequence[Performance], path: Path) -> None:
    """Keep the bodies of performances at 30 fps."""
    arrays = {f"{n}.rotations": each.rotations for n, each in enumerate(performances)}
    arrays |= {f"{n}.root": each.root_position for n, each in enumerate(performances)}
    np.savez(path, allow_pickle=False, **arrays)


def read_bodies(path: Path, speeches: Sequence[FloatArray]) -> list[Performance]:
    """Read what `write_bodies` wrote, without faces, beside its speech [N]."""
    with np.load(path) as arrays:
        bodies = [
            (arrays[f"{n}.rotations"], arrays[f"{n}.root"], samples)
            for n, samples in enumerate(speeches)
        ]
    return [
        Performance(
            float(FRAME_RATE_HZ),
            rotations,
            root,
            np.zeros((len(root), NUM_BLENDSHAPES), np.float32),
            samples,
        )
        for rotations, root, samples in bodies
    ]


def _prepare(
    job: Job, model: ModelConfig, run_folder: Path, seed: int
) -> tuple[TokenSet, KeyframePredictor]:
    """All takes as tokens, and a predictor that has learnt nothing."""
    motion, hearing = MotionTokenizer(model), Hearing(model)
    _load(motion, run_folder / "motion_tokenizer.pt", job.device)
    _load(hearing, run_folder / "alignment.pt", job.device)
    training, held_out = (read_takes(job.shared / n) for n in (TRAINING_NAME, HELD_OUT_NAME))
    text = TextTokenizer.load(run_folder / TEXT_NAME)
    data = Dataset(training, text, model.text_slots, job.device, held_out)
    chance = torch.Generator(job.device).manual_seed(seed)
    tokens = tokenize_dataset(data, hearing.tokenizer, motion, _HEARINGS, chance)
    predictor = KeyframePredictor(model, hearing.tokenizer.quantizer, motion)
    return tokens.to(job.device), predictor.to(job.device)


def _load(network: nn.Module, path: Path, device: str) -> None:
    load_network(path, network)
    network.to(device).eval()


@torch.no_grad()
def _held_out(
    predictor: KeyframePredictor, phase: PhaseConfig, tokens: TokenSet
) -> dict[str, float]:
    """How well the motion of held-out speakers is foretold from sound, without text."""
    losses = []
    for seed in range(_HELD_OUT_BATCHES):
        chance = torch.Generator().manual_seed(seed)
        steps = phase.frames // FRAMES_PER_KEYFRAME
        crop = tokens.crops(phase.batch, steps, chance, held_out=True)
        crop = replace(crop, text=torch.zeros_like(crop.text))
        losses.append(float(next_token_loss(predictor, crop, crop.motion)))
    nats = fmean(losses)
    bits = bits_per_second(nats, predictor.in_step.positions, FRAMES_PER_KEYFRAME)
    return {"nats_per_token": nats, "bits_per_second": bits}


def _perform(job: Job, networks: TrainedNetworks, folder: Path) -> None:
    scale = velocity_scale(job.variant.interval).to(job.device)
    networks.predictor.motion.register_forward_hook(lambda _, codes, pose: pose * scale)
    with np.load(job.shared / SPEECH_NAME) as speech:
        speeches = [speech[str(number)] for number in range(len(speech.files))]
    for seed in SEEDS:
        made = perform_batch(networks, speeches, job.device, seed)
        write_bodies(made, folder / f"bodies-{seed}.npz")


@torch.inference_mode()
def _step_ms(predictor: KeyframePredictor, streams: int) -> float:
    """Median time of one thread for a step of so many streams."""
    sizes = predictor.config
    audio = torch.zeros(streams, FRAMES_PER_KEYFRAME, sizes.audio_levels, dtype=torch.int64)
    text = torch.zeros(streams, sizes.text_slots, dtype=torch.int64)
    controls = torch.zeros(streams, CONTROL_DIM)
    uniforms = torch.full((streams, predictor.in_step.positions), 0.5)
    state, rings = predictor.initial_state(streams), predictor.initial_rings(streams)
    times_s = []
    for _ in range(_WARM_UP_STEPS + _TIMED_STEPS):
        began = time.thread_time()
        predictor.step(audio, text, controls, uniforms, *state, *rings)
        times_s.append(time.thread_time() - began)
    return 1e3 * median(times_s[_WARM_UP_STEPS:])


def _device_name(device: str) -> str:
    is_gpu = torch.device(device).type == "cuda"
    return torch.cuda.get_device_name(device) if is_gpu else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    path = parser.parse_args().job
    result = run(Job.load(path), path.parent)
    (path.parent / RESULT_NAME).write_text(json.dumps(result))


if __name__ == "__main__":
    main()

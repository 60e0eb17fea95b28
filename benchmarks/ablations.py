"""Keyframe intervals and routings compared end to end, at equal budget.

    python -m benchmarks.ablations ../shared/data train.toml --out FILE.json
    python -m benchmarks.ablations --table FILE.json

Takes a run of `umo train` whose stages 1 and 2 are done. Every variant learns stage 3 from scratch
and from the same part of its takes, in a process of its own (`ablation_run`), and performs
utterances of LibriSpeech's test speakers. A variant that fails is noted and the others go on. A
further call with the same settings adds its variants to the file.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.ablation_run import (
    HELD_OUT_NAME,
    PHASE,
    RESULT_NAME,
    SEEDS,
    SPEECH_NAME,
    TRAINING_NAME,
    Job,
    read_bodies,
)
from benchmarks.ablation_tables import as_markdown
from benchmarks.ablation_variant import VARIANTS, copy_source
from umo_runtime.errors import ConfigError, CorpusError, UmoError
from umo_runtime.evaluation.body_baselines import held_out_motion
from umo_runtime.evaluation.body_figures import body_figures
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case, corpus_path, librispeech_cases
from umo_runtime.evaluation.subjects_body import body_baseline
from umo_runtime.training.config import TrainConfig, load_config
from umo_runtime.training.corpora.smartbody import read_smartbody
from umo_runtime.training.held_out import hold_out
from umo_runtime.training.stages import TAKES_NAME
from umo_runtime.training.take_file import read_takes, save_takes

_ENCODER = Path(__file__).with_name("gesture_encoder.npz")
_MOTION = Path("motion", "smartbody-skm.tar.xz")
_SHOWN = (
    *("fgd", "beat_consistency", "beat_consistency_chance", "gesture_diversity_to_real"),
    *("jerk_to_real", "wrist_speed_to_real", "foot_slide_cm_per_s"),
)
_CHOREOGRAPHER = "choreographer"

Record = dict[str, Any]


class Measures:
    """Figures of bodies beside real motion, taken by several processes."""

    def __init__(self, real: Sequence[Performance], pool: ProcessPoolExecutor) -> None:
        self._real, self._pool = real, pool
        self._encoder = GestureEncoder.load(_ENCODER)

    def body(self, takes: Iterable[Sequence[Performance]]) -> Record:
        """Means over seeds, and the figures of each seed."""
        futures = [self._pool.submit(body_figures, t, self._real, self._encoder) for t in takes]
        seeds = [{name: future.result()[name] for name in _SHOWN} for future in futures]
        return {
            "mean": {name: known(fmean(each[name] for each in seeds)) for name in _SHOWN},
            "seeds": [{name: known(value) for name, value in each.items()} for each in seeds],
        }


@dataclass(frozen=True, slots=True)
class Child:
    """A variant on its way, in a folder of its own.

    Attributes:
        job: what it does.
        folder: for its source and its results.
        log: file of what it prints.
        threads: of the CPU that it may use.
    """

    job: Job
    folder: Path
    log: Path
    threads: int

    def run(self) -> Record:
        """Wait for it: its figures, or its error."""
        try:
            return self._run()
        except (UmoError, OSError) as error:
            return {"error": str(error)}

    def _run(self) -> Record:
        source, job = self.folder / "source", self.folder / "job.json"
        copy_source(self.job.variant.interval, source)
        self.job.save(job)
        command = [sys.executable, "-m", "benchmarks.ablation_run", str(job)]
        threads = {"OMP_NUM_THREADS": str(self.threads)}
        environment = {**os.environ, **threads, "PYTHONPATH": _path_with(source)}
        with self.log.open("w") as log:
            done = subprocess.run(
                command, cwd=source, env=environment, stdout=log, stderr=log, check=False
            )
        if done.returncode == 0:
            record: Record = json.loads((self.folder / RESULT_NAME).read_text())
            return record
        lines = self.log.read_text(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        return {"error": f"exit status {done.returncode}: {last.strip()}"}


def known(value: float) -> float | None:
    """A figure for JSON; none where it cannot be said."""
    return round(value, 5) if math.isfinite(value) else None


def save_shared(config: TrainConfig, cases: Sequence[Case], share: float, folder: Path) -> None:
    """Write what all variants read: the first of the training takes, all held-out ones, speech.

    Raises:
        CorpusError: nothing is held out.
    """
    training, held_out = hold_out(read_takes(config.run / TAKES_NAME))
    if not held_out:
        raise CorpusError(f"{config.run} has one speaker alone; give a run with held-out takes")
    save_takes(training[: math.ceil(share * len(training))], folder / TRAINING_NAME)
    save_takes(held_out, folder / HELD_OUT_NAME)
    speech = {str(number): case.utterance.samples for number, case in enumerate(cases)}
    np.savez(folder / SPEECH_NAME, allow_pickle=False, **speech)


def earlier(out: Path, settings: Mapping[str, Any]) -> Record:
    """What an earlier call has written.

    Raises:
        ConfigError: it had other settings.
    """
    content: Record = json.loads(out.read_text()) if out.exists() else {}
    if content.get("settings", settings) != settings:
        raise ConfigError(f"{out} has settings {content['settings']}; delete it or use the same")
    return {"settings": dict(settings), "variants": content.get("variants", {})}


def compare(arguments: argparse.Namespace) -> None:
    """Run the variants and keep their figures in a file, each as soon as it is there."""
    began = time.monotonic()
    names = ("steps", "batch", "share", "utterances")
    out: Path = arguments.out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    results = earlier(out, {name: getattr(arguments, name) for name in names})
    config = load_config(arguments.config)
    if PHASE not in config.phases:
        raise ConfigError(f"{arguments.config} has no [phases.{PHASE}]; give the run's own")
    motion = corpus_path(arguments.data, _MOTION)
    cases = librispeech_cases(arguments.data, arguments.utterances)
    with (
        tempfile.TemporaryDirectory(dir=out.parent, prefix=f"{out.stem}-") as place,
        ThreadPoolExecutor(arguments.jobs) as threads,
        ProcessPoolExecutor(mp_context=get_context("spawn")) as pool,
    ):
        save_shared(config, cases, arguments.share, Path(place))
        _tell("takes are ready", began)
        running = {
            threads.submit(child.run): child for child in _children(arguments, Path(place), out)
        }
        clips = list(read_smartbody(motion))
        measures = Measures(held_out_motion(clips), pool)
        teachers = (body_baseline(_CHOREOGRAPHER, clips, seed) for seed in SEEDS)
        performed = ([teacher.perform(case) for case in cases] for teacher in teachers)
        results[_CHOREOGRAPHER] = {"body": measures.body(performed)}
        _tell(f"{_CHOREOGRAPHER} is measured", began)
        for done in as_completed(running):
            child = running[done]
            record = _measured(done, child, measures, cases)
            results["variants"][child.job.variant.name] = {**record, "jobs": arguments.jobs}
            out.write_text(json.dumps(results, indent=1) + "\n")
            _tell(f"{child.job.variant.name}: {_summary(record)}", began)


def _children(arguments: argparse.Namespace, place: Path, out: Path) -> list[Child]:
    threads = max(1, (os.cpu_count() or 1) // arguments.jobs)
    children = []
    for number, name in enumerate(arguments.variants):
        device = arguments.devices[number % len(arguments.devices)]
        config = arguments.config.resolve()
        job = Job(VARIANTS[name], config, place, arguments.steps, arguments.batch, device)
        folder = place / name
        folder.mkdir()
        log = out.with_name(f"{out.stem}-{name}.log")
        children.append(Child(job, folder, log, threads))
    return children


def _measured(
    done: "Future[Record]", child: Child, measures: Measures, cases: Sequence[Case]
) -> Record:
    """A child's figures with those of the bodies it made."""
    record = done.result()
    if "error" in record:
        return record
    speeches = [case.utterance.samples for case in cases]
    made = (read_bodies(child.folder / f"bodies-{seed}.npz", speeches) for seed in SEEDS)
    try:
        return {**record, "body": measures.body(made)}
    except Exception as error:  # of whatever kind: the other variants go on
        return {**record, "error": f"{type(error).__name__}: {error}"}


def _path_with(source: Path) -> str:
    """The module path with a copy of the source before all else."""
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([str(source), *(str(Path(each).resolve()) for each in others if each)])


def _summary(record: Record) -> str:
    if "error" in record:
        return f"failed, {record['error']}"
    loss = record["held_out"]["nats_per_token"]
    return (
        f"{loss:.4f} nats a token, FGD {record['body']['mean']['fgd']}, {record['seconds']:.0f} s"
    )


def _tell(what: str, began: float) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)


def _variants(given: str) -> list[str]:
    names = list(dict.fromkeys(given.split(",")))
    if unknown := [name for name in names if name not in VARIANTS]:
        raise argparse.ArgumentTypeError(f"no variants {unknown}; known: {', '.join(VARIANTS)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with motion/ and speech/")
    parser.add_argument("config", type=Path, nargs="?", help="configuration of the run")
    parser.add_argument("--out", type=Path, help="file of the figures")
    parser.add_argument("--table", type=Path, help="print the tables of a file and do no more")
    parser.add_argument("--variants", type=_variants, default=list(VARIANTS))
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--share", type=float, default=0.33, help="of the training takes")
    parser.add_argument("--utterances", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=1, help="variants at a time")
    parser.add_argument(
        *("--device", "--devices"),
        dest="devices",
        type=lambda given: given.split(","),
        default=["cuda"],
        help="one, or several with commas to take in turn",
    )
    return parser


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.table is not None:
        print(as_markdown(json.loads(arguments.table.read_text())))
        return
    if None in (arguments.data, arguments.config, arguments.out):
        parser.error("give DATA, CONFIG and --out, or --table FILE.json")
    try:
        compare(arguments)
    except UmoError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()

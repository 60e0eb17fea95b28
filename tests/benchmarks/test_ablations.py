import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import ablations
from benchmarks.ablation_run import (
    HELD_OUT_NAME,
    SPEECH_NAME,
    TRAINING_NAME,
    Job,
    bits_per_second,
    read_bodies,
    run,
    velocity_scale,
)
from benchmarks.ablation_tables import as_markdown
from benchmarks.ablation_variant import INTERVALS, VARIANTS, Variant, copy_source
from tests.umo_runtime.training.test_dataset import random_take
from tests.umo_runtime.training.test_foundation import TINY
from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError, CorpusError
from umo_runtime.evaluation.splits import Case
from umo_runtime.interpolator.body import hermite
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES
from umo_runtime.training.alignment import Hearing
from umo_runtime.training.config import load_config
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.training.dataset import train_text
from umo_runtime.training.phase import save_checkpoint
from umo_runtime.training.take_file import read_takes, save_takes

STEPS, BATCH = 2, 2
RECORD = {
    "held_out": {"nats_per_token": 3.25, "bits_per_second": 420.4},
    "cost": {"parameters": 7_880_000},
    "body": {"mean": {"fgd": 7.0, "jerk_to_real": None}, "seeds": [{"fgd": 6.5}, {"fgd": 7.5}]},
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Configuration of a tiny run whose networks have learnt nothing, with takes of four."""
    run_folder = tmp_path / "run"
    run_folder.mkdir()
    words = (Span("hello", 0.2, 0.5),)
    takes = [replace(random_take(seed, words=words), speaker=str(seed)) for seed in range(4)]
    save_takes(takes, run_folder / "takes.npz")
    train_text(takes, TINY.text_codes).save(run_folder / "text.json")
    for name, network in (
        ("motion_tokenizer", MotionTokenizer(TINY)),
        ("alignment", Hearing(TINY)),
    ):
        optimizer = torch.optim.AdamW(network.parameters())
        save_checkpoint(run_folder / f"{name}.pt", network, optimizer, 1)
    corpora = ("librispeech", "alignment", "smartbody", "facegood")
    sizes = (f"{k} = {json.dumps(v)}" for k, v in TINY.as_dict().items())
    path = tmp_path / "train.toml"
    path.write_text(
        "\n".join(
            (
                'run = "run"\n[corpora]',
                *(f'{name} = "nowhere"' for name in corpora),
                "[phases.synchronisation]\nsteps = 9\nframes = 48\n[model]",
                *sizes,
            )
        )
    )
    return path


def speech(seconds: float) -> Case:
    samples = np.random.default_rng(0).normal(0, 0.1, int(16_000 * seconds)).astype(np.float32)
    return Case(Utterance("spoken", "somebody", samples))


def make_job(config: Path, name: str) -> Job:
    """A job for a variant, with what it reads."""
    shared = config.parent / "shared"
    shared.mkdir()
    ablations.save_shared(load_config(config), [speech(0.5), speech(0.9)], 0.5, shared)
    return Job(VARIANTS[name], config, shared, STEPS, BATCH, "cpu")


@pytest.mark.parametrize("interval", [1, 2, 4, 8])
def test_a_copy_of_the_source_differs_in_three_constants(tmp_path: Path, interval: int) -> None:
    copy_source(interval, tmp_path)
    root = Path(ablations.__file__).parents[1]
    changed = {
        str(path.relative_to(tmp_path)): line
        for path in tmp_path.rglob("*.py")
        for line, old in zip(
            path.read_text().splitlines(),
            (root / path.relative_to(tmp_path)).read_text().splitlines(),
            strict=True,
        )
        if line != old
    }
    types = changed.pop("umo_runtime/types.py", "FRAMES_PER_KEYFRAME = 4")
    assert types == f"FRAMES_PER_KEYFRAME = {interval}"
    assert changed.pop("umo_runtime/training/dataset.py").startswith("_GRID_FRAMES = 24 ")
    assert f"_RUN_STEPS = {32 // interval} " in changed.pop(
        "umo_runtime/training/roll_out.py", "_RUN_STEPS = 8 "
    )
    assert not changed


@pytest.mark.parametrize("lines", ["", "FRAMES_PER_KEYFRAME = 4\nFRAMES_PER_KEYFRAME = 5\n"])
def test_a_constant_that_has_moved_is_refused(tmp_path: Path, lines: str) -> None:
    (tmp_path / "umo_runtime").mkdir()
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "umo_runtime" / "types.py").write_text(lines)
    with pytest.raises(ConfigError, match="FRAMES_PER_KEYFRAME"):
        copy_source(2, tmp_path / "copy", tmp_path)


@pytest.mark.parametrize("variant", VARIANTS.values())
def test_every_variant_remembers_as_many_seconds(variant: Variant) -> None:
    model = variant.model(ModelConfig())
    assert model.window_steps * variant.interval == 192
    assert model.routing == variant.routing


@given(st.sampled_from(INTERVALS), st.floats(0, 1))
def test_scaled_velocities_draw_steady_motion_straight(variant: Variant, phase: float) -> None:
    poses = torch.zeros(2, POSE_DIM)
    for region in BODY_REGIONS:
        values, velocities = poses[:, REGION_SLICES[region]].chunk(2, dim=-1)
        values[1] = 0.25 * variant.interval  # a quarter a frame
        velocities.fill_(1.0)  # a unit in 4 frames
    before, after = poses * velocity_scale(variant.interval)
    drawn = hermite(before, after, torch.tensor([phase]))
    torch.testing.assert_close(drawn, torch.full_like(drawn, 0.25 * variant.interval * phase))


def test_velocities_of_faces_are_none() -> None:
    assert (velocity_scale(8) == 2).sum() == (POSE_DIM - 16) // 2
    assert velocity_scale(4).eq(1).all()


def test_even_odds_of_two_cost_a_bit_a_token() -> None:
    assert bits_per_second(math.log(2), 12, 4) == pytest.approx(12 * 7.5)


def test_all_held_out_takes_are_kept_and_a_part_of_the_others(config: Path) -> None:
    job = make_job(config, "every-4")
    names = [[t.name for t in read_takes(job.shared / n)] for n in (TRAINING_NAME, HELD_OUT_NAME)]
    assert names == [["take-1", "take-2"], ["take-0"]]
    with np.load(job.shared / SPEECH_NAME) as arrays:
        assert arrays["1"].shape == (14_400,)


def test_a_run_of_one_recording_has_nothing_to_judge_by(config: Path, tmp_path: Path) -> None:
    trained = load_config(config)
    save_takes([random_take(0)], trained.run / "takes.npz")
    with pytest.raises(CorpusError, match="held-out"):
        ablations.save_shared(trained, [speech(0.5)], 1.0, tmp_path)


def test_a_variant_is_trained_measured_and_performs(config: Path, tmp_path: Path) -> None:
    job, folder = make_job(config, "learned"), tmp_path / "learned"
    folder.mkdir()
    job.save(tmp_path / "job.json")
    figures = run(Job.load(tmp_path / "job.json"), folder)
    nats = figures["held_out"]["nats_per_token"]
    assert 0 < nats < 2 * math.log(TINY.motion_codes)
    assert figures["held_out"]["bits_per_second"] == pytest.approx(nats / math.log(2) * 8 * 7.5)
    assert figures["routing"] == "learned" and figures["interval"] == 4
    cost = figures["cost"]
    assert cost["core_share_1"] == pytest.approx(cost["step_ms_1"] * 7.5e-3)
    assert cost["core_share_16"] == pytest.approx(cost["step_ms_16"] * 7.5e-3 / 16)
    bodies = [
        read_bodies(folder / f"bodies-{seed}.npz", [np.zeros(8000), np.zeros(14_400)])
        for seed in (0, 1)
    ]
    assert [len(each.rotations) for each in bodies[0]] == [15, 27]
    assert not np.array_equal(bodies[0][1].rotations, bodies[1][1].rotations)


def test_a_variant_in_another_source_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every-2 runs in a source of 4"):
        run(make_job(config, "every-2"), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["every-1", "every-8"])
def test_a_child_runs_in_its_own_source(config: Path, tmp_path: Path, name: str) -> None:
    job, folder = make_job(config, name), tmp_path / name
    folder.mkdir()
    record = ablations.Child(job, folder, tmp_path / "log", 1).run()
    assert "error" not in record, (tmp_path / "log").read_text()
    assert record["cost"]["steps_per_second"] == 30 / VARIANTS[name].interval
    assert (folder / "bodies-1.npz").exists()


@pytest.mark.slow
def test_a_child_that_fails_says_why(config: Path, tmp_path: Path) -> None:
    job, folder = make_job(config, "every-4"), tmp_path / "every-4"
    folder.mkdir()
    (load_config(config).run / "alignment.pt").unlink()
    record = ablations.Child(job, folder, tmp_path / "log", 1).run()
    assert "alignment.pt" in record["error"] and "exit status 1" in record["error"]


def test_results_are_added_to_those_of_equal_settings_only(tmp_path: Path) -> None:
    out, settings = tmp_path / "out.json", {"steps": 2}
    assert ablations.earlier(out, settings) == {"settings": settings, "variants": {}}
    out.write_text(json.dumps({"settings": settings, "variants": {"none": RECORD}}))
    assert ablations.earlier(out, settings)["variants"] == {"none": RECORD}
    with pytest.raises(ConfigError, match="delete it"):
        ablations.earlier(out, {"steps": 3})


def test_tables_have_a_column_for_every_variant_that_did_not_fail() -> None:
    results = {
        "variants": {"every-4": RECORD, "every-2": {"error": "no"}, "none": RECORD},
        "choreographer": {"body": RECORD["body"]},
    }
    routings, intervals = as_markdown(results).split("\n\n")
    assert routings.splitlines()[0] == "| routing | region | none | choreographer |"
    assert intervals.splitlines()[0] == "| frames to a keyframe | every 4 | choreographer |"
    rows = {line.split(" | ")[0]: line for line in intervals.splitlines()}
    assert rows["| FGD"] == "| FGD | 7.00 ± 0.50 | 7.00 ± 0.50 |"
    assert rows["| jerk, of real motion's"].endswith("| - | - |")
    assert rows["| predictor's parameters, millions"].endswith("| 7.88 | - |")

from itertools import pairwise

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, multiply
from umo_runtime.training.corpora.listening import Nod, attend, plan_nods
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.rotations import to_rotation_vector
from umo_runtime.training.corpora.utterance import FloatArray

ENDS = [60, 150, 240, 400, 520]


def phrases() -> np.ndarray:
    activity = np.zeros(600, np.bool_)
    for start, end in zip((10, 80, 170, 260, 430), ENDS, strict=True):
        activity[start:end] = True
    return activity


def nods_of(seeds: int, manner: Manner = NATURAL) -> list[list[Nod]]:
    return [plan_nods(phrases(), manner, np.random.default_rng(seed)) for seed in range(seeds)]


def test_nods_follow_the_ends_of_phrases() -> None:
    for nods in nods_of(50):
        for nod in nods:
            late = [(nod.lowest_frame - end) / 30 for end in ENDS if end <= nod.lowest_frame]
            assert 0.15 < min(late) < 0.98  # a double one ends 0.27 s later
            assert nod.lowest_frame % 4 == 0
            assert 0.2 <= nod.duration_s <= 0.35


def test_six_of_ten_phrases_are_nodded_at_and_some_twice() -> None:
    count = sum(map(len, nods_of(200))) / 200 / len(ENDS)
    assert 0.75 < count < 0.93  # 0.6, four in ten of them double
    doubles = [
        b.lowest_frame - a.lowest_frame
        for nods in nods_of(50)
        for a, b in pairwise(nods)
        if b.lowest_frame - a.lowest_frame < 20
    ]
    assert doubles
    assert set(doubles) == {8}


def test_livelier_listeners_nod_more_and_deeper() -> None:
    calm, natural, lively = (nods_of(60, Manner.of(c)) for c in (0.0, 0.5, 1.0))
    counts = [sum(map(len, nods)) for nods in (calm, natural, lively)]
    assert counts == sorted(counts)
    depths = [np.mean([n.depth_rad for nods in kind for n in nods]) for kind in (calm, lively)]
    assert depths[0] < 0.6 * depths[1]


def test_nobody_nods_in_silence() -> None:
    assert plan_nods(np.zeros(300, np.bool_), NATURAL, np.random.default_rng(0)) == []


def pitch_of(rotations: FloatArray) -> FloatArray:
    turn = multiply(rotations[:, BONE_INDEX["Neck"]], rotations[:, BONE_INDEX["Head"]])
    return to_rotation_vector(turn)[:, 0]


def test_the_head_dips_by_a_nod_and_comes_back() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (600, 1, 1))
    nods = attend(rotations, phrases(), NATURAL, np.random.default_rng(1))
    pitch = pitch_of(rotations)
    for frame, depth in ((nods[0].lowest_frame, 1), (nods[-1].lowest_frame + 12, 0)):
        dip = pitch[frame] - pitch[nods[0].lowest_frame - 6]
        assert abs(dip - depth * nods[0].depth_rad) < 0.04
    others = np.delete(rotations, [BONE_INDEX["Neck"], BONE_INDEX["Head"]], axis=1)
    assert (others[..., 3] == 1).all()

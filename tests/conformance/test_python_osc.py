"""python-osc reads our VMC and OSC; poses are then placed in the space that was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.conformance.golden_poses import POSES
from tests.conformance.lock_step import messages_of
from tests.conformance.seen import GLTF, UNITY, UNREAL, Axes, Seen
from tests.engine_bridge.bridge_frames import Array
from tests.engine_bridge.osc_reader import blends, bones

QUATERNION, ANGLES = '["x", "y", "z", "w"]', '["ex", "ey", "ez"]'


@dataclass(frozen=True)
class OscSpaceOfOthers:
    """How a receiver takes what a map sends; angles in degrees, as its engine turns by them."""

    axes: Axes
    units_per_m: int
    turn_by: Callable[[Array], Rotation]


SPACES = {
    "ours": OscSpaceOfOthers(
        GLTF, 1, lambda xyz: Rotation.from_euler("YXZ", xyz[[1, 0, 2]], degrees=True)
    ),
    # Transform.eulerAngles: about z, then x, then y.
    "unity": OscSpaceOfOthers(
        UNITY, 1, lambda xyz: Rotation.from_euler("YXZ", xyz[[1, 0, 2]], degrees=True)
    ),
    # FRotator's roll and pitch go against the turn that its axes x and y would have.
    "unreal": OscSpaceOfOthers(
        UNREAL, 100, lambda rpy: Rotation.from_euler("ZYX", rpy[::-1] * [1, -1, -1], degrees=True)
    ),
}


def stand(axes: Axes, turns: dict[str, Rotation], hips_m: Array) -> dict[str, list[float]]:
    """Places and fronts of the bones, in the coordinates of a space."""
    placed: dict[str, tuple[Array, Rotation]] = {}
    for name, parent, offset in axes.skeleton():
        place, turned = hips_m, turns[name]
        if parent:
            above, turn_above = placed[parent]
            place, turned = above + turn_above.apply(offset), turn_above * turned
        placed[name] = place, turned
    return {name: [*place, *turned.apply(axes.front)] for name, (place, turned) in placed.items()}


def test_vmc() -> None:
    for name, messages in messages_of("vmc").items():
        sent = bones(messages)
        turns = {bone: Rotation.from_quat(pose[3:]) for bone, pose in sent.items()}
        shown = stand(UNITY, turns, np.array(sent["Hips"][:3]))
        POSES[name].assert_seen(Seen.through(UNITY, shown, blends(messages)))


@pytest.mark.parametrize("args", [QUATERNION, ANGLES], ids=["quaternions", "angles"])
@pytest.mark.parametrize("space", SPACES)
def test_osc(tmp_path: Path, space: str, args: str) -> None:
    osc_map, theirs = tmp_path / "map.toml", SPACES[space]
    osc_map.write_text(
        f'[root]\naddress = "/hips"\nspace = "{space}"\n'
        f'[bones]\naddress = "/bone/{{name}}"\nargs = {args}\nspace = "{space}"\n'
        '[blendshapes]\naddress = "/face/{name}"\n[time]\naddress = "/time"\n'
    )
    turn_by = Rotation.from_quat if args == QUATERNION else theirs.turn_by
    for name, messages in messages_of("osc", f"?map={osc_map}").items():
        values = {message.address: np.array(message.arguments) for message in messages}
        turns = {bone: turn_by(values[f"/bone/{bone}"]) for bone, *_ in theirs.axes.skeleton()}
        face = {at[6:]: value[0] for at, value in values.items() if at.startswith("/face/")}
        shown = stand(theirs.axes, turns, values["/hips"] / theirs.units_per_m)
        POSES[name].assert_seen(Seen.through(theirs.axes, shown, face))

import tarfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def smartbody_folder(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gesture and male locomotion sets of the SmartBody archive, unpacked."""
    archive = data_root / "motion" / "smartbody-skm.tar.xz"
    if not archive.is_file():
        pytest.skip(f"no {archive}")
    folder = tmp_path_factory.mktemp("smartbody")
    wanted = {"Gestures", "MaleGestures", "MaleLocomotion"}
    with tarfile.open(archive) as tar:
        members = [member for member in tar if wanted & set(member.name.split("/"))]
        tar.extractall(folder, members, filter="data")
    return folder

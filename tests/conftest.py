import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

settings.register_profile("local", deadline=None, max_examples=50)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder with the corpora; tests that ask for it are skipped where it is missing."""
    folder = Path(os.environ.get("UMO_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}; set UMO_DATA to their folder")
    return folder

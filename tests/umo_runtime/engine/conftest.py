import pytest

from tests.umo_runtime.export.tiny_bundle import TinyBundle, exported_once


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> TinyBundle:
    return exported_once(tmp_path_factory.getbasetemp())

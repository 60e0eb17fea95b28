import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tiny networks gain nothing from threads and lose a lot where cores are busy."""
    import torch

    torch.set_num_threads(1)

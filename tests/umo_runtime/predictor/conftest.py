import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tensors this small only wait for a second thread: 40 times slower on busy cores."""
    torch.set_num_threads(1)

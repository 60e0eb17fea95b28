import torch

from umo_runtime.training.spectrum import convolved, filtered, frequencies_hz, tilt


def test_convolution_is_that_of_the_definition() -> None:
    samples, response = torch.rand(2, 20), torch.rand(2, 5)
    expected = torch.nn.functional.conv1d(
        torch.nn.functional.pad(samples, (4, 0))[None], response.flip(1)[:, None], groups=2
    )[0]
    torch.testing.assert_close(convolved(samples, response), expected)


def test_tilt_is_so_many_db_an_octave_around_1_khz() -> None:
    hz = torch.tensor([500.0, 1000.0, 2000.0])
    response_db = 20 * torch.log10(tilt(hz, torch.tensor([[3.0]])))
    torch.testing.assert_close(response_db, torch.tensor([[-3.0, 0.0, 3.0]]), atol=1e-4, rtol=0)


def test_a_flat_response_changes_nothing() -> None:
    samples = torch.rand(3, 100) - 0.5
    response = torch.ones_like(frequencies_hz(100, samples.device))
    torch.testing.assert_close(filtered(samples, response), samples)

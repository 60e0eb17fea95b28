"""Random stretches inside takes that lie end to end, none across the border of two."""

import torch
from torch import Tensor

from umo_runtime.errors import CorpusError


def room(lengths: Tensor, length: int, is_usable: Tensor) -> Tensor:
    """In how many places of each take, [N], a stretch of `length` may begin.

    Args:
        lengths: of the takes, [N].
        length: of a stretch.
        is_usable: which takes may be drawn from, [N].

    Raises:
        CorpusError: in none.
    """
    places = (lengths - length + 1).clamp(min=0) * is_usable
    if not places.any():
        raise CorpusError(
            f"no take is as long as a crop ({length} against {int(lengths.max())}); give more "
            "speech or set fewer frames for the phase"
        )
    return places


def draw(
    places: Tensor, count: int, generator: torch.Generator, weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Draw stretches: the take of each, [B], and where in it each begins, [B].

    Args:
        places: see `room`; CPU.
        count: B.
        generator: CPU, source of chance.
        weight: probability of each take, [N]; by default every place is as likely as any other.
    """
    weight = places if weight is None else weight
    takes = torch.multinomial(weight.float(), count, replacement=True, generator=generator)
    offsets = (torch.rand(count, generator=generator) * places[takes]).long()
    return takes, offsets

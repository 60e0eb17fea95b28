"""A list of modules that knows what it holds."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from torch import nn

M = TypeVar("M", bound=nn.Module)


class TypedModuleList(nn.ModuleList, Generic[M]):
    """`nn.ModuleList` whose items keep their type."""

    def __iter__(self) -> Iterator[M]:
        return super().__iter__()  # type: ignore[return-value]

    def __getitem__(self, index: int) -> M:  # type: ignore[override]
        return super().__getitem__(index)  # type: ignore[return-value]

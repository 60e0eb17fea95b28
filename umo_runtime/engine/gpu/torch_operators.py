"""ONNX operators as torch functions: inputs in order, attributes by name.

None of them waits for the device. Specification: https://onnx.ai/onnx/operators/ (opset 24).
"""

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor

DTYPES = {
    onnx.TensorProto.FLOAT: torch.float32,
    onnx.TensorProto.FLOAT16: torch.float16,
    onnx.TensorProto.BFLOAT16: torch.bfloat16,
    onnx.TensorProto.DOUBLE: torch.float64,
    onnx.TensorProto.INT32: torch.int32,
    onnx.TensorProto.INT64: torch.int64,
    onnx.TensorProto.BOOL: torch.bool,
}


def _div(x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y, rounding_mode=None if x.is_floating_point() else "trunc")


def _mod(x: Tensor, y: Tensor, fmod: int = 0) -> Tensor:
    return torch.fmod(x, y) if fmod else torch.remainder(x, y)


def _gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,  # noqa: N803 - the attribute's name
    transB: int = 0,  # noqa: N803
) -> Tensor:
    a, b = a.T if transA else a, b.T if transB else b
    return alpha * (a @ b) if c is None else torch.addmm(c, a, b, alpha=alpha, beta=beta)


def _layer_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor | None = None,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: int = 1,
) -> Tensor:
    return F.layer_norm(x, scale.shape, scale, bias, epsilon)


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    is_causal: int = 0,
    scale: float | None = None,
    softcap: float = 0.0,
    qk_matmul_output_mode: int = 0,
) -> Tensor:
    if query.ndim != 4 or softcap:
        raise ValueError("Attention with three axes or a soft cap")
    if query.shape[2] == 1 and query.shape[1] == key.shape[1] and not is_causal:
        return _attention_of_one(query, key, value, scale)
    return F.scaled_dot_product_attention(
        query,
        key,
        value,
        is_causal=bool(is_causal),
        scale=scale,
        enable_gqa=query.shape[1] != key.shape[1],
    )


def _attention_of_one(query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
    """For a single query; kernels that are made for many take several times as long."""
    scores = (query * key).sum(dim=-1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    return (scores.softmax(dim=-1)[..., None] * value).sum(dim=2, keepdim=True)


def _gather(x: Tensor, at: Tensor | int, axis: int = 0) -> Tensor:
    if isinstance(at, int):
        return x.select(axis, at)  # a view
    before: list[slice | Tensor] = [slice(None)] * (axis % x.ndim)
    return x[(*before, at)]


def _gather_nd(x: Tensor, at: Tensor, batch_dims: int = 0) -> Tensor:
    if batch_dims:
        raise ValueError("GatherND with batch_dims")
    return x[at.unbind(-1)]


def _slice(
    x: Tensor,
    starts: list[int],
    ends: list[int],
    axes: list[int] | None = None,
    steps: list[int] | None = None,
) -> Tensor:
    axes, steps = axes or list(range(len(starts))), steps or [1] * len(starts)
    cuts = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        cuts[axis] = slice(start, end, step)
    return x[tuple(cuts)]


def _split(
    x: Tensor, sizes: list[int] | None = None, axis: int = 0, num_outputs: int = 1
) -> tuple[Tensor, ...]:
    return torch.split(x, sizes or math.ceil(x.shape[axis] / num_outputs), axis)


def _reshape(x: Tensor, shape: list[int], allowzero: int = 0) -> Tensor:
    if not allowzero:
        shape = [size or x.shape[at] for at, size in enumerate(shape)]
    return x.reshape(shape)


def _unsqueeze(x: Tensor, axes: list[int]) -> Tensor:
    for axis in sorted(axis % (x.ndim + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _squeeze(x: Tensor, axes: list[int] | None = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


def _expand(x: Tensor, shape: list[int]) -> Tensor:
    sizes = [1] * (x.ndim - len(shape)) + shape
    own = [1] * (len(sizes) - x.ndim) + list(x.shape)
    return x.expand([size if has == 1 else -1 for size, has in zip(sizes, own, strict=True)])


def _clip(x: Tensor, low: float | None = None, high: float | None = None) -> Tensor:
    return x if low is None and high is None else x.clamp(low, high)


def _cumsum(x: Tensor, axis: int, exclusive: int = 0, reverse: int = 0) -> Tensor:
    if exclusive or reverse:
        raise ValueError("CumSum that is exclusive or in reverse")
    return x.cumsum(axis)


def _reduction(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def reduced(
        x: Tensor,
        axes: list[int] | None = None,
        keepdims: int = 1,
        noop_with_empty_axes: int = 0,
    ) -> Tensor:
        if not axes and noop_with_empty_axes:
            return x
        return function(x, dim=axes or list(range(x.ndim)), keepdim=bool(keepdims))

    return reduced


def _place_of(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def place(x: Tensor, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Tensor:
        if select_last_index:
            raise ValueError("the last of equal numbers")
        return function(x, dim=axis, keepdim=bool(keepdims))

    return place


# Inputs that a function takes as Python numbers: they decide a shape or are constants anyway.
LISTED: dict[str, tuple[int, ...]] = {
    "Clip": (1, 2),
    "CumSum": (1,),
    "Expand": (1,),
    "ReduceL2": (1,),
    "ReduceMax": (1,),
    "ReduceMin": (1,),
    "ReduceSum": (1,),
    "Reshape": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1,),
    "Unsqueeze": (1,),
}
# Inputs that are cheaper as a Python number where they are one constant.
NUMBERS: dict[str, tuple[int, ...]] = {"Gather": (1,), "Pow": (1,)}

OPERATORS: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs,
    "Add": torch.add,
    "And": torch.logical_and,
    "ArgMax": _place_of(torch.argmax),
    "ArgMin": _place_of(torch.argmin),
    "Asin": torch.asin,
    "Atan": torch.atan,
    "Attention": _attention,
    "Cast": lambda x, to: x.to(DTYPES[to]),
    "Clip": _clip,
    "Concat": lambda *parts, axis: torch.cat(parts, axis),
    "Cos": torch.cos,
    "CumSum": _cumsum,
    "Div": _div,
    "Einsum": lambda *parts, equation: torch.einsum(equation, *parts),
    "Equal": torch.eq,
    "Expand": _expand,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "Gelu": F.gelu,
    "Gemm": _gemm,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Identity": lambda x: x,
    "LayerNormalization": _layer_norm,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
    "Log": torch.log,
    "MatMul": torch.matmul,
    "Max": lambda *parts: reduce(torch.maximum, parts),
    "Min": lambda *parts: reduce(torch.minimum, parts),
    "Mod": _mod,
    "Mul": torch.mul,
    "Neg": torch.neg,
    "Not": torch.logical_not,
    "Pow": torch.pow,
    "Reciprocal": torch.reciprocal,
    "ReduceL2": _reduction(torch.linalg.vector_norm),
    "ReduceMax": _reduction(torch.amax),
    "ReduceMin": _reduction(torch.amin),
    "ReduceSum": _reduction(torch.sum),
    "Reshape": _reshape,
    "Sin": torch.sin,
    "Slice": _slice,
    "Softmax": lambda x, axis=-1: torch.softmax(x, axis),
    "Split": _split,
    "Sqrt": torch.sqrt,
    "Squeeze": _squeeze,
    "Sub": torch.sub,
    "Tile": torch.tile,
    "Transpose": lambda x, perm: x.permute(perm),
    "Unsqueeze": _unsqueeze,
    "Where": torch.where,
}

# Those that compute shapes from shapes, as lists of Python numbers.
SHAPE_OPERATORS: dict[str, Callable[..., Any]] = {
    "Concat": lambda *parts, axis: [size for part in parts for size in part],
    "Shape": lambda x, start=0, end=None: list(x.shape[start:end]),
}

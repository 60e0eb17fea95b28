from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError

NAMES = [field.name for field in fields(ModelConfig) if field.name != "routing"]


def test_sizes_survive_as_plain_data() -> None:
    config = ModelConfig(d_model=64, num_heads=2, num_kv_heads=1)
    assert ModelConfig.from_dict(config.as_dict()) == config
    assert ModelConfig.from_dict({}) == ModelConfig()


@given(name=st.sampled_from(NAMES), value=st.integers(max_value=0) | st.just(1.5) | st.just("64"))
def test_an_impossible_size_is_named_with_its_value(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        ModelConfig.from_dict({name: value})
    assert str(caught.value) == f"model.{name} is {value!r}; give a whole number above 0"


def test_an_unknown_routing_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'random'; give one of region, learned, none"):
        ModelConfig.from_dict({"routing": "random"})


@given(
    head_dim=st.integers(1, 64),
    kv_heads=st.integers(1, 4),
    shared_by=st.integers(1, 4),
    off=st.sampled_from([(0, 0), (1, 0), (0, 1)]),
)
def test_heads_must_divide_the_width_and_each_other(
    head_dim: int, kv_heads: int, shared_by: int, off: tuple[int, int]
) -> None:
    heads = kv_heads * shared_by + off[1]
    width = head_dim * heads + off[0]
    sizes = {"d_model": width, "num_heads": heads, "num_kv_heads": kv_heads}
    if width % heads == 0 and heads % kv_heads == 0:
        assert ModelConfig.from_dict(sizes).d_model == width
        return
    with pytest.raises(ConfigError, match=f"d_model {width}, num_heads {heads}") as caught:
        ModelConfig.from_dict(sizes)
    assert "must be a multiple of the next" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_size_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown model sizes \['width'\]; known: .*'d_model'"):
        ModelConfig.from_dict({"width": 3})

"""What the type checkers see of a discreet function: the function itself."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncGenerator, Iterator
from typing import assert_type

from spshipping.secret import discreet


@discreet
def function(word: str, *, times: int = 1) -> list[str]:
    return [word] * times


@discreet
async def coroutine(word: str) -> int:
    return len(word)


@discreet
def generator(word: str) -> Iterator[str]:
    yield word


@discreet
async def async_generator(word: str) -> AsyncGenerator[str, None]:
    yield word


class Holder:
    @discreet
    def __init__(self, word: str) -> None:
        self.word = word


async def use() -> None:
    assert_type(function("a", times=2), list[str])
    assert_type(await coroutine("a"), int)
    assert_type(generator("a"), Iterator[str])
    assert_type(async_generator("a"), AsyncGenerator[str, None])
    assert_type(Holder("a"), Holder)
    function(1)  # type: ignore[arg-type]
    function("a", time=2)  # type: ignore[call-arg]
    Holder(1)  # type: ignore[arg-type]

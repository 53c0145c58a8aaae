"""Components refuse wrong arguments out loud: a page with a silent hole is worse than a page that fails its test."""

import types
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from django.utils.functional import Promise

P = ParamSpec("P")
R = TypeVar("R")


class ComponentError(TypeError):
    """A template gave a component something its declaration does not allow."""


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint)
    if hint is Any:
        return True
    if origin is Literal:
        return any(type(value) is type(allowed) and value == allowed for allowed in get_args(hint)) or (
            isinstance(value, str) and str(value) in get_args(hint)
        )
    if origin in {Union, types.UnionType}:
        return any(_fits(value, one) for one in get_args(hint))
    if hint is str:
        return isinstance(value, str | Promise)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def checked(component: Callable[P, R]) -> Callable[P, R]:
    """Check the keyword arguments of a component against its annotations at each call.

    `Literal` values must be listed, a `str` without default must not be empty (a missing template variable
    arrives as an empty text), a `bool` is not an `int`.

    Raises:
        ComponentError: naming the component, the argument and the value received.
    """
    hints = get_type_hints(component)
    required = set(hints) - set(component.__kwdefaults__ or {})

    @wraps(component)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in kwargs.items():
            hint = hints[name]
            if not _fits(value, hint) or (hint is str and name in required and not value):
                raise ComponentError(f"{component.__name__}({name}={value!r}) : attendu {hint}")
        return component(*args, **kwargs)

    return guarded

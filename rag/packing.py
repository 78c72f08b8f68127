"""Converts records to bytes and back, by the types of their fields. The bytes are pure data: reading them runs no code.

A record becomes a JSON list of its fields. Reading it back gives an equal record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["Packing"]

T = TypeVar("T")
_Change: TypeAlias = Callable[[Any], Any]

_PLAIN = (str, int, float, bool, NoneType)
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode


class Packing(Generic[T]):
    """Packs values of one type: strings, numbers, booleans, None, and lists, tuples and dataclasses of these.

    Raises:
        TypeError: the type contains any other type.

    """

    def __init__(self, kind: type[T]) -> None:
        one: Hashable = kind  # type: ignore[assignment]  # every type is
        self._plain, self._value = _plain_of(one), _value_of(one)

    def pack(self, value: T) -> bytes:
        """Convert a value to bytes."""
        return _encode(self._plain(value)).encode("ascii")

    def unpack(self, packed: bytes) -> T:
        """Convert bytes back to the value."""
        value: T = self._value(_decode(packed.decode("ascii")))
        return value


def _same(value: object) -> object:
    return value


@cache
def _plain_of(kind: Hashable) -> _Change:
    """The function that converts a value of a type to plain JSON."""
    if _is_plain(kind):
        return _same
    if isinstance(kind, type) and is_dataclass(kind):
        names, changes = _fields_of(kind, _plain_of)
        get = attrgetter(*names) if len(names) > 1 else lambda record: (getattr(record, names[0]),)
        if not changes:
            return get

        def plain(record: object) -> list[object]:
            row = list(get(record))
            for at, change in changes:
                row[at] = change(row[at])
            return row

        return plain
    return _of_several(kind, _plain_of, list)


@cache
def _value_of(kind: Hashable) -> _Change:
    """The function that converts plain JSON back to a value."""
    if _is_plain(kind):
        return _same
    if isinstance(kind, type) and is_dataclass(kind):
        _, changes = _fields_of(kind, _value_of)

        def value(row: list[object]) -> object:
            for at, change in changes:
                row[at] = change(row[at])
            return kind(*row)

        return value
    return _of_several(kind, _value_of, tuple if get_origin(kind) is tuple else list)


def _is_plain(kind: object) -> bool:
    return kind in _PLAIN or get_origin(kind) is Literal


def _fields_of(kind: type, change_of: Callable[[Hashable], _Change]) -> tuple[list[str], list[tuple[int, _Change]]]:
    """The names of a record's fields, and the conversions of those that need one, by number."""
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind)]
    changes = [(at, change_of(hints[name])) for at, name in enumerate(names)]
    return names, [(at, change) for at, change in changes if change is not _same]


def _of_several(kind: object, change_of: Callable[[Hashable], _Change], collect: _Change) -> _Change:
    """The conversion of a value or None, or of each item of a list or tuple."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType) and len(inner) == 2 and inner[1] is NoneType:  # noqa: PLR2004 - a type or None
        one = change_of(inner[0])
        return one if one is _same else lambda value: None if value is None else one(value)
    if origin is list or (origin is tuple and len(set(inner) - {...}) == 1):
        each = change_of(inner[0])
        if each is _same:
            return collect if origin is tuple and collect is tuple else _same
        return lambda values: collect(map(each, values))
    raise TypeError(f"values of {kind} cannot be packed")

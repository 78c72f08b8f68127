"""Every pattern of the package and the inputs that hurt it most, and how the time of some work grows with its input."""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

__all__ = ["UsedPattern", "attacks", "growth_of", "slow_patterns", "used_patterns"]

# python tests/linear.py rag.text rag.loading: the patterns of these packages, one by one

SIZES = (1000, 2000, 4000, 8000)
# Work on 8,000 characters that takes less than this is not looked at further: a clock tells little about it.
FLOOR_SECONDS = 0.02
# of twice as long an input: 1.3 times linear, and what a busy machine adds to the best of several runs
MOST_GROWTH = 2 * 1.3
LIMIT_SECONDS = 10.0
_RUNS = 3
_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
_CHARACTERS = "aA1_ \t\n.,;:!?-*#=~|/\\<>&'\"()[]{}“’…é\u00a0\u200b\u0301中"


@dataclass(frozen=True, slots=True)
class UsedPattern:
    """A pattern of a module and the methods it is used with."""

    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: tuple[str, ...]

    def run(self, method: str, text: str) -> None:
        """Use the pattern on a text, to its end."""
        given = text if isinstance(self.pattern.pattern, str) else text.encode()
        call = getattr(self.pattern, method)
        if method in ("sub", "subn"):
            call(given[:0], given)
        elif method == "finditer":
            for _ in call(given):
                pass
        else:
            call(given)


def used_patterns(package: str) -> Iterator[UsedPattern]:
    """Every compiled pattern of a package, and every pattern that is given to a function of `re` as it stands."""
    for module in _modules(package):
        source = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        used = _used(source)
        for name, value in vars(module).items():
            for at, pattern in enumerate(_patterns_in(value)):
                methods = tuple(sorted(used.get(name, set()))) or _METHODS
                yield UsedPattern(f"{module.__name__}.{name}[{at}]", pattern, methods)
        for node in ast.walk(source):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in (*_METHODS, "compile")
                and isinstance(node.args[0], ast.Constant)
            ):
                methods = (node.func.attr,) if node.func.attr in _METHODS else _METHODS
                yield UsedPattern(f"{module.__name__}:{node.lineno}", re.compile(node.args[0].value), methods)


def _modules(package: str) -> Iterator[ModuleType]:
    top = importlib.import_module(package)
    yield top
    for found in pkgutil.walk_packages(top.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _patterns_in(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _patterns_in(one)


def _used(source: ast.Module) -> Mapping[str, set[str]]:
    """Names to the methods of patterns that are called on them."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _METHODS:
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


# --- inputs that hurt -------------------------------------------------------------------------------------------------


def attacks(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[Callable[[int], str]]:
    """Makers of texts of about so many characters: each character repeated, and each repetition of the pattern."""
    for character in _CHARACTERS:
        yield lambda size, character=character: character * size  # type: ignore[misc]
    tree = re._parser.parse(
        pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )  # type: ignore[attr-defined]
    for before, inside in set(_repeats(tree, "")):
        if inside:
            for end in ("", "\x00", "\n"):
                yield lambda size, b=before, i=inside, e=end: b + i * (size // len(i)) + e  # type: ignore[misc]
                yield lambda size, b=before, i=inside, e=end: (b + i) * (size // len(b + i)) + e  # type: ignore[misc]


def _repeats(tree: Iterable[tuple[object, object]], before: str) -> Iterator[tuple[str, str]]:
    """Of each repetition in a parsed pattern what comes before it and what is repeated, by example."""
    for node in tree:
        name, held = str(node[0]), node[1]
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield from ((before, example) for example in _examples(held[2]))  # type: ignore[index]
            yield from _repeats(held[2], before)  # type: ignore[index]
        elif name == "SUBPATTERN":
            yield from _repeats(held[3], before)  # type: ignore[index]
        elif name == "ATOMIC_GROUP":
            yield from _repeats(held, before)  # type: ignore[arg-type]
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(held[1], before)  # type: ignore[index]
        elif name == "BRANCH":
            for branch in held[1]:  # type: ignore[index]
                yield from _repeats(branch, before)
        before += _example([node])


def _examples(tree: Iterable[tuple[object, object]]) -> list[str]:
    """Some texts that a part of a pattern matches: one for each character that it may begin with."""
    nodes = list(tree)
    whole = _example(nodes)
    if len(nodes) == 1 and str(nodes[0][0]) == "IN":
        return [whole, *(c for c in _CHARACTERS if re.fullmatch(_set_source(nodes[0][1]), c) and c != whole)][:6]
    return [whole]


def _set_source(held: object) -> str:
    """A set of characters as its source, near enough."""
    parts, negated = [], ""
    for node in held:  # type: ignore[attr-defined]
        name, value = str(node[0]), node[1]
        if name == "NEGATE":
            negated = "^"
        elif name == "LITERAL":
            parts.append(re.escape(chr(value)))
        elif name == "RANGE":
            parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        elif name == "CATEGORY":
            parts.append(_CATEGORIES.get(str(value), ""))
    return f"[{negated}{''.join(parts)}]" if parts else "(?!)"


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _example(tree: Iterable[tuple[object, object]]) -> str:
    """A short text that a part of a pattern matches, near enough."""
    made = ""
    for name, held in ((str(node[0]), node[1]) for node in tree):
        if name == "LITERAL":
            made += chr(held)  # type: ignore[arg-type]
        elif name in ("ANY", "NOT_LITERAL"):
            made += "a" if held != ord("a") else "b"
        elif name == "IN":
            made += next((c for c in _CHARACTERS if re.fullmatch(_set_source(held), c)), "")
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            made += _example(held[2]) * max(held[0], 0)  # type: ignore[index]
        elif name == "SUBPATTERN":
            made += _example(held[3])  # type: ignore[index]
        elif name == "ATOMIC_GROUP":
            made += _example(held)  # type: ignore[arg-type]
        elif name == "BRANCH":
            made += _example(held[1][0])  # type: ignore[index]
    return made


# --- time -------------------------------------------------------------------------------------------------------------


class TooLongError(Exception):
    """Some work took longer than it may."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """End the block with an error when it takes longer; also inside of a pattern, which looks for signals."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def growth_of(work: Callable[[str], object], make: Callable[[int], str]) -> str:
    """What is wrong with how the time of some work grows, in words; "" where nothing is.

    The time is that of this thread, the best of some runs. Only growth that shows in the two longest steps counts.
    """
    try:
        with _limited(LIMIT_SECONDS):
            if _seconds(work, make(SIZES[-1]), 1) < FLOOR_SECONDS:
                return ""
        with _limited(4 * LIMIT_SECONDS):
            times = [_seconds(work, make(size), _RUNS) for size in SIZES]
    except TooLongError:
        return f"{make(40)!r}… took longer than {LIMIT_SECONDS} s"
    steps = [after / max(before, 1e-9) for before, after in itertools.pairwise(times)]
    if times[-1] >= FLOOR_SECONDS and min(steps[-2:]) > MOST_GROWTH:
        told = " ".join(f"{1000 * seconds:.2f}" for seconds in times)
        return f"{make(40)!r}… takes {told} ms at 1, 2, 4 and 8 thousand characters"
    return ""


def _seconds(work: Callable[[str], object], text: str, runs: int) -> float:
    best = float("inf")
    for _ in range(runs):
        begun = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - begun)
    return best


def slow_patterns(package: str) -> Iterator[str]:
    """The patterns of a package whose time grows faster than their input, in words."""
    for used in used_patterns(package):
        for method in used.methods:
            for make in attacks(used.pattern):
                problem = growth_of(lambda text, used=used, method=method: used.run(method, text), make)  # type: ignore[misc]
                if problem:
                    yield f"{used.name}.{method}: {problem}"
                    break


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:]:
        for line in slow_patterns(name):
            print(line)  # noqa: T201 - what was asked for

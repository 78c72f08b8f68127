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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import CodeType, ModuleType

__all__ = ["UsedPattern", "attacks", "growth_of", "rooms", "slow_patterns", "used_patterns"]

# python tests/linear.py rag.text rag.loading: the patterns of these packages, one by one

SIZES = (1000, 2000, 4000, 8000)
# Work on 8,000 characters that takes less than this is not looked at further, because a clock says little about it.
FLOOR_SECONDS = 0.02
# First, half as long an input is tried: quadratic work takes a fourth of the floor there.
_LOOK = SIZES[-2]
# For four times as long an input: quadratic growth that shows in the longest step is more than this.
_LOOK_GROWTH = 4 * 1.3
# for twice as long an input: 1.3 times linear, and what a busy machine adds to the best of several runs
MOST_GROWTH = 2 * 1.3
LIMIT_SECONDS = 10.0
# a pattern on the longest input that it gets
BOUNDED_SECONDS = 0.1
_RUNS = 3
_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
# What a method costs at most: that of going through all matches, of one match from the beginning, of one of the whole.
_COSTS = {name: name if name in ("match", "fullmatch") else "finditer" for name in _METHODS}
_CHARACTERS = "aA1_ \t\n.,;:!?-*#=~|/\\<>&'\"()[]{}“’…é\u00a0\u200b\u0301中"
# placeholder for a part of a pattern that is only known at run time
_FILLED = "abc"


@dataclass(frozen=True, slots=True)
class UsedPattern:
    """A pattern of a module and the methods it is used with: ``finditer`` for all that look for more than one match."""

    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: tuple[str, ...]

    def run(self, method: str, text: str) -> None:
        """Use the pattern on a text, to its end."""
        given = text if isinstance(self.pattern.pattern, str) else text.encode()
        if method == "finditer":
            for _ in self.pattern.finditer(given):  # type: ignore[arg-type]
                pass
        else:
            getattr(self.pattern, method)(given)


def rooms() -> list[str]:
    """The packages and single modules of the product, each to be checked by itself."""
    found = []
    for package in ("rag", "ui"):
        top = importlib.import_module(package)
        found += [one.name for one in pkgutil.iter_modules(top.__path__, f"{package}.") if "__main__" not in one.name]
    return found


def used_patterns(package: str) -> Iterator[UsedPattern]:
    """Every pattern of a package, once: those in its modules and those its functions make.

    A pattern in a table is used like the names in that module that refer to an element of a table. What a function
    inserts into a pattern is replaced by some letters.
    """
    seen: set[tuple[object, int, tuple[str, ...]]] = set()
    modules = list(_modules(package))
    sources = [ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for module in modules]
    everywhere: dict[str, set[str]] = {}
    for source in sources:
        for name, methods in _used(source).items():
            everywhere.setdefault(name, set()).update(methods)
    for module, source in zip(modules, sources, strict=True):
        for found in _of_module(module, source, everywhere):
            key = (found.pattern.pattern, found.pattern.flags, found.methods)
            if key not in seen:
                seen.add(key)
                yield found


def _of_module(module: ModuleType, source: ast.Module, everywhere: Mapping[str, set[str]]) -> Iterator[UsedPattern]:
    held = {name: list(_patterns_in(value)) for name, value in vars(module).items()}
    used = _used(source)
    made: dict[ast.expr, str] = {
        node.value: target.id
        for node in ast.walk(source)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _function_of_re(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    others = {
        name: methods - {"split"} for name, methods in used.items() if not held.get(name) and name not in made.values()
    }
    loose = set().union(*others.values())
    for name, patterns in held.items():
        methods = (used if name.startswith("_") else everywhere).get(name) or loose
        for at, pattern in enumerate(patterns):
            yield UsedPattern(f"{module.__name__}.{name}[{at}]", pattern, _costs(methods))
    inside = (node for one in ast.walk(source) if isinstance(one, ast.FunctionDef) for node in ast.walk(one))
    for node in inside:
        if isinstance(node, ast.Call) and (method := _function_of_re(node)):
            pattern = _made(node, module)
            if pattern is not None:
                methods = {method} if method in _METHODS else used.get(made.get(node, "")) or loose
                yield UsedPattern(f"{module.__name__}:{node.lineno}", pattern, _costs(methods))


def _costs(methods: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted({_COSTS[method] for method in methods or ("finditer", "fullmatch")}))


def _function_of_re(node: ast.Call) -> str:
    """Which function of `re` is called with a pattern; "" for other calls."""
    called = node.func
    of_re = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re"
    return called.attr if of_re and called.attr in (*_METHODS, "compile") else ""  # type: ignore[union-attr]


def _made(node: ast.Call, module: ModuleType) -> re.Pattern[str] | re.Pattern[bytes] | None:
    """The pattern that such a call makes; None if it is passed in as a whole."""
    flags = node.args[1] if _function_of_re(node) == "compile" and len(node.args) > 1 else None
    flags = next((one.value for one in node.keywords if one.arg == "flags"), flags)
    if flags is None and _function_of_re(node) in ("match", "fullmatch", "search", "findall", "finditer"):
        flags = node.args[2] if len(node.args) > 2 else None
    names = {**vars(module), **_LETTERS}
    try:
        made = eval(_expression(_Filled(names).visit(node.args[0])), names)  # noqa: S307 - our own source
        how = eval(_expression(flags), names) if flags is not None else 0  # noqa: S307 - our own source
    except (NameError, TypeError, AttributeError, KeyError, ValueError):
        return None
    return made if isinstance(made, re.Pattern) else re.compile(made, how)


_LETTERS = {"_letters": _FILLED}


def _expression(node: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(node)), "<pattern>", "eval")


class _Filled(ast.NodeTransformer):
    """Puts letters in place of what a function fills into a pattern."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = names

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        known = all(one.id in self._names for one in ast.walk(node.value) if isinstance(one, ast.Name))
        return node if known else ast.FormattedValue(ast.Name("_letters", ast.Load()), -1, None)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Mod):
            node.right = ast.Name("_letters", ast.Load())
        return node


def _modules(package: str) -> Iterator[ModuleType]:
    top = importlib.import_module(package)
    yield top
    for found in pkgutil.walk_packages(getattr(top, "__path__", []), f"{package}."):
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


def _used(source: ast.Module) -> dict[str, set[str]]:
    """Names mapped to the methods of patterns that are called on them, or on what is taken out of them."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            for name in _names(node.value):
                found.setdefault(name, set()).add(node.attr)
    return found


def _names(node: ast.expr) -> Iterator[str]:
    """The names that a value may have: for a part, its whole's; for a choice, those of both."""
    if isinstance(node, ast.Subscript):
        yield from _names(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _names(node.body)
        yield from _names(node.orelse)
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name) and node.id != "re":
        yield node.id


# --- inputs that hurt -------------------------------------------------------------------------------------------------


def attacks(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[Callable[[int], str]]:
    """Makers of texts of about this many characters: each character repeated, and each repetition of the pattern."""
    yield from (_maker(*parts) for parts in dict.fromkeys(_attacks(pattern)))


def _maker(before: str, unit: str, end: str) -> Callable[[int], str]:
    return lambda size: before + unit * (size // len(unit)) + end


def _attacks(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[tuple[str, str, str]]:
    """What comes before, what is repeated, and the end."""
    yield from (("", character, "") for character in _CHARACTERS)
    tree = re._parser.parse(
        pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )  # type: ignore[attr-defined]
    for before, inside in dict.fromkeys(_repeats(tree, "")):
        if inside:
            for end in ("", "\x00", "\n"):
                yield before, inside, end
                yield "", before + inside, end


def _repeats(tree: Iterable[tuple[object, object]], before: str) -> Iterator[tuple[str, str]]:
    """For each repetition in a parsed pattern, examples of what comes before it and what is repeated."""
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
    """End the block with an error if it takes longer; also inside a pattern, which checks for signals."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def growth_of(work: Callable[[str], object], make: Callable[[int], str], look: int = _LOOK) -> str:
    """What is wrong with how the time of some work grows, in words; "" if nothing is.

    The time is that of this thread, the best of several runs. Only growth that shows in the two longest steps counts.
    They are measured if an input of ``look`` characters takes as long as quadratic work may, and much longer than a
    fourth of it.
    """
    look_seconds = FLOOR_SECONDS * (look / SIZES[-1]) ** 2
    try:
        with _limited(LIMIT_SECONDS):
            looked = _seconds(work, make(look), 1)
            if looked < look_seconds or looked < _LOOK_GROWTH * _seconds(work, make(look // 4), 1):
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


def slow_patterns(package: str, bounded: Mapping[str, int] | None = None) -> Iterator[str]:
    """The patterns of a package whose time grows faster than their input, in words.

    ``bounded`` are the modules or patterns whose input has a maximum length: at that length, none may take long.
    """
    bounds = bounded or {}
    for used in used_patterns(package):
        most = next((length for name, length in bounds.items() if used.name.startswith(name)), None)
        for method in used.methods:
            if most is not None:
                yield from _slow_at(used, method, most)
                continue
            for make in attacks(used.pattern):
                problem = growth_of(lambda text, used=used, method=method: used.run(method, text), make)  # type: ignore[misc]
                if problem:
                    yield f"{used.name}.{method}: {problem}"
                    break


def _slow_at(used: UsedPattern, method: str, length: int) -> Iterator[str]:
    for make in attacks(used.pattern):
        with _limited(LIMIT_SECONDS):
            seconds = min(_seconds(partial(used.run, method), make(length)[:length], 1) for _ in range(_RUNS))
        if seconds > BOUNDED_SECONDS:
            yield f"{used.name}.{method}: {make(40)!r}… takes {1000 * seconds:.0f} ms at {length} characters"
            return


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:]:
        for line in slow_patterns(name):
            print(line)  # noqa: T201 - what was asked for

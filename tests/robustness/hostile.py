"""Hostile pages: whatever a file contains, it is indexed or named with its reason, in bounded time and memory.

    python tests/robustness/hostile.py [--inputs 20000] [--properties 2000] [--attacks] [--builds 20] [--seed 1]

Inputs are made in two ways. The fuzzer changes sound pages of every kind at random, and keeps what reaches a new line
of ``rag``, to change it further. Hypothesis makes bytes and texts that no real page contains. ``--attacks`` writes
large and intricate malicious pages, and folders with links in circles, unreadable files and strange names. Each input
is beside sound pages, whose result must not change. ``--builds`` builds, asks and verifies whole indexes of inputs.

Checked for every input: it is read or named; its text can be read again from its bytes; posts map to their file without
a gap, every character; every sentence has a place in the file where its words are (``proof.says``) (laws 1 and 2).
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from robustness.specimens import ATTACKS, PACKED, SIGNS, SOUND, zipped  # noqa: E402

import rag  # noqa: E402
from rag.answering.quotes.locations import locate  # noqa: E402
from rag.dedup.dropped_text import left_over  # noqa: E402
from rag.dedup.merging import merge  # noqa: E402
from rag.extraction.posts import divide  # noqa: E402
from rag.extraction.web_pages import pages_without_posts  # noqa: E402
from rag.indexing.chunking import cut  # noqa: E402
from rag.loading.pages import read_pages, reread  # noqa: E402
from rag.loading.proof import says  # noqa: E402
from rag.records import Page  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from types import CodeType, FrameType

    from rag.records import Post, PostCopy, SkippedPage

__all__ = ["NEIGHBOURS", "examine", "mutated", "write_neighbours"]

# Limits for one folder: processor seconds for inputs of the fuzzer's size, for attacks of up to 100 MB, and memory.
SMALL_SECONDS = 10.0
LARGE_SECONDS = 120.0
MEMORY_BYTES = 3 * 1024**3
SMALL_BYTES = 200_000
REREAD = 200  # pages that are read again from their files
LOOKED_AT = 60  # sentences of a post whose places are proven

NEIGHBOURS = {name: SOUND[name] for name in ("rss.xml", "posts.jsonl")}
_TOKENS = 254


class Broken(AssertionError):
    """A broken promise; the message says which."""


def write_neighbours(folder: Path) -> None:
    """Put sound pages into a folder."""
    for name, data in NEIGHBOURS.items():
        (folder / f"neighbour {name}").write_bytes(data)


def examine(folder: Path) -> tuple[int, int]:
    """Read a folder of pages and check every promise about the result; return posts and pages left out."""
    found = list(read_pages([folder]))
    pages = [one for one in found if isinstance(one, Page)]
    skipped = [one for one in found if not isinstance(one, Page)]
    copies = divide(pages)
    skipped += pages_without_posts(pages, copies)
    _hold(len({page.file for page in pages}) == len(pages), "two pages have one name")
    _hold(all(one.reason.strip() and one.file for one in skipped), "a reason is empty")
    _nothing_is_lost(folder, pages, skipped)
    texts = {}
    for number, page in enumerate(pages):
        texts[page.file] = page.text
        if number % max(len(pages) // REREAD, 1):
            continue  # each opens its archive anew
        _hold(reread(Path(page.path), page.encoding, page.sha256) == page.text, f"{page.file}: reads otherwise again")
    for copy in copies:
        _maps(copy, texts[copy.file])
    posts, _ = merge(copies)
    left_over(pages, copies, posts)
    for post in posts:
        _stands(post, texts)
    _neighbours_are_well(folder, copies)
    return len(posts), len(skipped)


def _hold(kept: bool, promise: str) -> None:
    if not kept:
        raise Broken(promise)


def _nothing_is_lost(folder: Path, pages: list[Page], skipped: list[SkippedPage]) -> None:
    named = [one.file for one in (*pages, *skipped)]
    read = {page.path for page in pages}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in name.split("/")):
            continue
        if path.is_symlink() and os.path.realpath(path) in read:
            continue  # a file that two names lead to is read once
        shown = name.encode("utf-8", "replace").decode()
        _hold(
            any(one == shown or one.startswith((f"{shown}/", f"{shown}, ")) for one in named),
            f"{shown!r} is neither read nor named",
        )


def _maps(copy: PostCopy, text: str) -> None:
    """Check that the pieces join the copy's text to the file, without a gap on either side."""
    pieces = copy.pieces
    at, there = 0, pieces[0].file_start
    for piece in pieces:
        _hold((piece.start, piece.file_start) == (at, there), f"{copy.file}: a gap before {piece}")
        _hold(piece.end >= piece.start and piece.file_end >= piece.file_start, f"{copy.file}: {piece} goes back")
        wanted = copy.text[piece.start : piece.end] if piece.text is None else piece.text
        _hold(text[piece.file_start : piece.file_end] == wanted, f"{copy.file}: other characters at {piece}")
        at, there = piece.end, piece.file_end
    _hold(at == len(copy.text), f"{copy.file}: the pieces end at {at} of {len(copy.text)}")
    _hold(bool(copy.text.strip()), f"{copy.file}: a post without text")


def _stands(post: Post, texts: dict[str, str]) -> None:
    """Check that each sentence is a span of the post, and is in a file, where its words are those of the quote."""
    chunks, sentences = cut(post, 0, lambda text: 2 + len(text) // 4, _TOKENS)
    for chunk in chunks:
        _hold(0 <= chunk.start < chunk.end <= len(post.text), f"{post.post_id}: {chunk} is no span of the post")
    step = max(len(sentences) // LOOKED_AT, 1)
    for sentence in sentences[::step]:
        quote = post.text[sentence.start : sentence.end]
        _hold(bool(quote.strip()), f"{post.post_id}: {sentence} is empty")
        places = locate(post, sentence.start, sentence.end)
        _hold(bool(places), f"{post.post_id}: {quote[:80]!r} stands nowhere")
        for place in places:
            there = texts[place.file][place.start : place.end]
            _hold(there == (quote if place.text is None else place.text), f"{place.file}: not {quote[:80]!r} there")
            _hold(says(there, quote, place.format), f"{place.file}: {there[:80]!r} does not say {quote[:80]!r}")


def _neighbours_are_well(folder: Path, copies: list[PostCopy]) -> None:
    for name in NEIGHBOURS:
        file = f"neighbour {name}"
        if (folder / file).is_file():
            titles = [copy.title for copy in copies if copy.file == file]
            _hold(titles == ["The well", "The mill"], f"the page beside it, {file}, has the posts {titles}")


# --- making inputs ---------------------------------------------------------------------------------------------------


def mutated(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A page with a few changes of the kinds that files suffer and attackers try."""
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        at = chance.randint(0, len(data))
        end = min(at + chance.choice((1, 2, 8, 60, 400)), len(data))
        kind = chance.randrange(9)
        if kind == 0 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[end:]
        elif kind == 2:
            data = data[:at] + data[at:end] * chance.choice((2, 3, 30, 300)) + data[end:]
        elif kind in (3, 4):
            sign = chance.choice(SIGNS)
            data = data[:at] + sign * chance.choice((1, 1, 1, 2, 50)) + data[at:]
        elif kind == 5:
            other = chance.choice(others)
            start = chance.randint(0, len(other))
            data = data[:at] + other[start : start + chance.choice((20, 200, 2000))] + data[end:]
        elif kind == 6:
            data = data[:at]
        elif kind == 7:
            data = data[:at] + chance.randbytes(chance.choice((1, 4, 40))) + data[end:]
        else:
            data = _other_encoding(chance, data)
    return data[:SMALL_BYTES]


def _other_encoding(chance: random.Random, data: bytes) -> bytes:
    if chance.random() < 0.5:
        return data.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r", b"\x85", b"\x0b")))
    text = data.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1251", "utf-7")), "replace"
    )


class _Lines:
    """The lines of ``rag`` that have been run; says whether a run has reached a new one."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._of_rag: dict[CodeType, bool] = {}
        self._left: dict[CodeType, set[int]] = {}
        self._home = str(Path(rag.__file__).parent)

    def new_in(self, run: Callable[[], None]) -> bool:
        before = len(self.seen)
        sys.settrace(self._call)
        try:
            run()
        finally:
            sys.settrace(None)
        return len(self.seen) > before

    def _call(
        self, frame: FrameType, _event: str, _argument: object
    ) -> Callable[[FrameType, str, object], object] | None:
        code = frame.f_code
        if code not in self._of_rag:
            self._of_rag[code] = code.co_filename.startswith(self._home)
            self._left[code] = {line for _, _, line in code.co_lines() if line} if self._of_rag[code] else set()
        return self._line if self._left[code] else None

    def _line(
        self, frame: FrameType, _event: str, _argument: object
    ) -> Callable[[FrameType, str, object], object] | None:
        left = self._left[frame.f_code]
        if frame.f_lineno in left:
            left.discard(frame.f_lineno)
            self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line if left else None


def _fuzz(folder: Path, inputs: int, seed: int, pipe: Connection) -> None:
    """Change sound pages, keep what reaches new lines; sends the pipe (name, data) before and the result after."""
    chance = random.Random(seed)
    corpus = [*SOUND.items(), *PACKED.items(), *(("one.zip", zipped({name: data})) for name, data in SOUND.items())]
    lines = _Lines()
    posts = 0

    def run() -> None:
        nonlocal posts
        posts += examine(folder)[0]

    for number in range(inputs):
        first = number < len(corpus)
        name, data = corpus[number] if first else chance.choice(corpus)
        if not first:
            data = mutated(chance, data, [one for _, one in corpus[:40]])
            if chance.random() < 0.05:
                name = "other" + chance.choice([Path(one).suffix for one in SOUND])
        path = folder / name
        path.write_bytes(data)
        pipe.send(("begin", name, data))
        began, problem, new = time.process_time(), "", False
        try:
            new = lines.new_in(run)
            if time.process_time() - began > SMALL_SECONDS:
                began = time.process_time()
                examine(folder)  # noting the lines makes it ten times slower
        except Broken as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            problem = f"{type(error).__name__}: {error}"
        path.unlink()
        if new and not first:
            corpus.append((name, data))
        pipe.send(("end", problem, time.process_time() - began))
    pipe.send(("done", f"{len(corpus)} kept, {len(lines.seen)} lines of rag reached, {posts} posts proven", 0.0))


def _properties(folder: Path, inputs: int, seed: int, pipe: Connection) -> None:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import FlakyFailure
    from robustness.strategies import hostile_files

    @seeded(seed)
    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile_files())
    def run(file: tuple[str, bytes]) -> None:
        name, data = file
        path = folder / name
        path.write_bytes(data)
        pipe.send(("begin", name, data))
        began, problem = time.process_time(), ""
        try:
            examine(folder)
        except Broken as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            problem = f"{type(error).__name__}: {error}"
        path.unlink()
        pipe.send(("end", problem, time.process_time() - began))

    with contextlib.suppress(FlakyFailure):
        run()
    pipe.send(("done", "", 0.0))


def _attack(folder: Path, names: list[str], pipe: Connection) -> None:
    for name in names:
        data = ATTACKS[name]()
        path = folder / name
        path.write_bytes(data)
        pipe.send(("begin", name, b""))
        began, problem = time.process_time(), ""
        try:
            examine(folder)
        except Broken as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            problem = f"{type(error).__name__}: {error}"[:300]
        path.unlink()
        seconds = time.process_time() - began
        pipe.send(("end", problem, seconds))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        pipe.send(("note", f"{name}: {len(data) / 1e6:.1f} MB, {seconds:.1f} s, peak so far {peak} MB", 0.0))
    pipe.send(("done", "", 0.0))


# --- running ---------------------------------------------------------------------------------------------------------


def _child(work: Callable[..., None], folder: Path, arguments: tuple[object, ...], pipe: Connection) -> None:
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    write_neighbours(folder)
    work(folder, *arguments, pipe)


def run_apart(
    work: Callable[..., None], arguments: tuple[object, ...], bound: float, keep: Path | None
) -> tuple[int, list[str], float]:
    """Run in a process of its own with limits; return inputs, problems and the longest time.

    A process that dies or takes too long ends the run; the input it was working on is kept.
    """
    here, there = multiprocessing.Pipe()
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    process = multiprocessing.get_context("fork").Process(target=_child, args=(work, folder, arguments, there))
    process.start()
    there.close()
    inputs, problems, longest, current = 0, [], 0.0, ("", b"")
    try:
        # wall time may be long on a busy machine, so processor time is limited
        while here.poll(bound * 10):
            kind, text, value = here.recv()
            if kind == "begin":
                current = (text, value)
            elif kind == "end":
                inputs += 1
                longest = max(longest, value)
                text = text or (f"took {value:.1f} s" if value > bound else "")
                if text:
                    problems.append(_kept(keep, *current, text))
            elif kind == "note":
                print(text, flush=True)
            else:
                print(text)
                return inputs, problems, longest
        problems.append(_kept(keep, *current, f"nothing came for {bound * 10:.0f} s"))
    except EOFError:
        process.join(10)
        problems.append(_kept(keep, *current, f"the process died, status {process.exitcode}"))
    finally:
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)
    return inputs, problems, longest


def _kept(keep: Path | None, name: str, data: bytes, problem: str) -> str:
    print(f"{name}: {problem}", flush=True)
    if keep is not None and data:
        keep.mkdir(parents=True, exist_ok=True)
        number = len(list(keep.iterdir()))
        (keep / f"{number:03} {name}").write_bytes(data)
    return f"{name}: {problem}"


def strange_folder(folder: Path) -> None:
    """Links in circles, links to nowhere, unreadable files, pipes and the like, and names that no tool would give."""
    write_neighbours(folder)
    page = SOUND["plain.txt"]
    for name in ("line\nend.txt", "tab\there.txt", 'quote".txt', "back\\slash.txt", "\u202etxt.exe.txt", "-rf.txt", " .txt",
                 "a, line 3.txt", "%2e%2e.txt", "CON.txt", "'; DROP TABLE posts.txt", "x" * 250 + ".txt"):  # fmt: skip
        (folder / name).write_bytes(page)
    Path(os.fsdecode(os.fsencode(folder) + b"/broken \xff\xfe.txt")).write_bytes(page)
    deep = folder
    for _ in range(60):
        deep /= "deeper"
        deep.mkdir()
    (deep / "bottom.txt").write_bytes(page)
    (folder / "circle").symlink_to(folder, target_is_directory=True)
    (deep / "circle").symlink_to(folder / "deeper", target_is_directory=True)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "nowhere.txt").symlink_to("/no/such/file.txt")
    (folder / "twice.txt").symlink_to("-rf.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "locked.txt").write_bytes(page)
    (folder / "locked.txt").chmod(0)
    (folder / "locked").mkdir()
    (folder / "locked" / "inside.txt").write_bytes(page)
    (folder / "locked").chmod(0)
    (folder / "a folder.txt").mkdir()


def _strange(folder: Path, pipe: Connection) -> None:
    strange_folder(folder)
    folder.chmod(0o755)
    examine(folder)  # also loads what another user may not be able to load
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)  # root may read everything
    pipe.send(("begin", "strange folder", b""))
    began, problem = time.process_time(), ""
    try:
        posts, left_out = examine(folder)
        pipe.send(("note", f"strange folder: {posts} posts, {left_out} left out", 0.0))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        problem = f"{type(error).__name__}: {error}"
    pipe.send(("end", problem, time.process_time() - began))
    pipe.send(("done", "", 0.0))


def whole_build(seed: int, files: int) -> Iterator[str]:
    """Build an index of changed pages, ask it and verify the answers; return the problems."""
    from rag import build_index, open_index, verify

    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="hostile-build-"))
    try:
        pages = folder / "pages"
        pages.mkdir()
        write_neighbours(pages)
        for number in range(files):
            name, data = chance.choice(list(SOUND.items()))
            (pages / f"{number} {name}").write_bytes(mutated(chance, data, list(SOUND.values())))
        report = build_index([pages], into=folder / "index")
        with open_index(folder / "index") as index:
            posts = index.posts()
            asked = ["Who dug the well?", "What did the miller buy?", *(post.title for post in posts[:20])]
            answers = [index.ask(one[:500], always_answer=True) for one in asked if one.strip()]
            answers += [index.ask(one[:500]) for one in asked if one.strip()]
        proof = verify(answers, index=folder / "index")
        if not proof.holds:
            yield f"build {seed}: {report.posts} posts, and not all quotes are proven"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        yield f"build {seed}: {type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run what was requested; returns 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000, help="inputs of the fuzzer")
    parser.add_argument("--properties", type=int, default=2000, help="inputs of Hypothesis")
    parser.add_argument("--attacks", action="store_true", help="also pages made to do harm, some of them large")
    parser.add_argument("--only", default="", help="of those the ones with this in their names")
    parser.add_argument("--skip", default="\n", help="of those not the ones with this in their names")
    parser.add_argument("--builds", type=int, default=20, help="whole indexes of 40 inputs each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the inputs that broke a promise")
    options = parser.parse_args()
    problems: list[str] = []
    if options.attacks:
        names = [name for name in ATTACKS if options.only in name and options.skip not in name]
        for name in names:
            problems += run_apart(_attack, ([name],), LARGE_SECONDS, None)[1]
        problems += run_apart(_strange, (), LARGE_SECONDS, None)[1]
        print(f"attacks: {len(names) + 1}")
    for what, work, inputs in (("fuzzed", _fuzz, options.inputs), ("made", _properties, options.properties)):
        left, seed = inputs, options.seed
        done, longest = 0, 0.0
        while left > 0:  # a new process where one died
            ran, broken, slowest = run_apart(work, (left, seed), SMALL_SECONDS, options.keep)
            problems += broken
            done, longest = done + ran, max(longest, slowest)
            left, seed = left - max(ran, 1), seed + 1
        print(f"{what}: {done} inputs, the longest took {longest:.2f} s of the processor")
    for number in range(options.builds):
        for problem in whole_build(options.seed + number, 40):
            problems.append(problem)
            print(problem, flush=True)
    print(f"whole builds: {options.builds}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

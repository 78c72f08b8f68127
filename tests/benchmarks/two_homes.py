"""Ask an index in a folder and its copy on a Milvus server the same questions, and count the answers that differ.

    python tests/benchmarks/two_homes.py INDEX milvus://HOST:PORT/NAME QUESTIONS.jsonl...

Copies the index to the server first. With --dense, only the dense half is compared, for servers before 2.4. The exit
status is 1 if anything differs. For the address `milvus://START/NAME`, a server of the package `milvus` is started.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.engine import Index, open_index
from rag.answering.files.question_files import read_questions
from rag.records import QuestionRow
from rag.store.address import Address, read_address
from rag.store.backends import copy_index
from rag.store.folder import FolderHome
from rag.store.milvus.backend import MilvusHome

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["dense_differences", "differences"]


def differences(one: Index, other: Index, rows: Sequence[QuestionRow]) -> list[str]:
    """Ids of the questions whose answers are not equal to the last byte of their JSON."""
    pairs = zip(rows, one.ask_many(rows), other.ask_many(rows), strict=True)
    return [row.id for row, left, right in pairs if left.to_dict() != right.to_dict()]


def dense_differences(folder: Path, home: MilvusHome, rows: Sequence[QuestionRow], depth: int = 60) -> list[str]:
    """Ids of the questions for which the nearest chunks, their order or a bit of their scores differ."""
    known = open_index(folder)
    store = home.open()
    differing = []
    for row in rows:
        vector = known._encode([row.question])[0]
        if known.store.dense.search(vector, depth) != store.dense.search(vector, depth):
            differing.append(row.id)
    store.close()
    known.close()
    return differing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("server")
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--limit", type=int, help="ask only so many")
    options = parser.parse_args()
    found = [row for path in options.questions for row in read_questions(path)]
    rows = [row for row in found if isinstance(row, QuestionRow)][: options.limit]
    with contextlib.ExitStack() as stack:
        server = options.server
        if "//START/" in server:
            sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
            from milvus_servers import real_server

            port = stack.enter_context(real_server())
            server = server.replace("//START/", f"//127.0.0.1:{port}/")
        address = read_address(server)
        assert isinstance(address, Address)
        started = time.monotonic()
        if options.dense:
            home = MilvusHome(address, words=False)
            source = FolderHome(options.index).open()
            home.publish(home.write(source.folder, lambda *_: None))
            source.close()
            print(f"written in {time.monotonic() - started:.1f} s")
            differing = dense_differences(options.index, home, rows)
        else:
            copy_index(options.index, address)
            print(f"written in {time.monotonic() - started:.1f} s")
            one, other = stack.enter_context(open_index(options.index)), stack.enter_context(open_index(address))
            differing = differences(one, other, rows)
    print(f"{len(rows) - len(differing)} of {len(rows)} equal", *differing)
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m rag` is the same as `pullquote`."""

from rag.cli.entry_point import run

if __name__ == "__main__":
    run()

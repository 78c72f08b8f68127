"""The tree of errors; each says what was expected, what was found and what to do.

PullquoteError
|-- InputError            the caller's paths, questions or options cannot be used
|   |-- PageError         one page cannot be read (it is skipped; the others are not affected)
|   `-- QuestionError     one row of a questions file cannot be asked
|-- IndexProblem          the index cannot be opened
|   |-- IndexMissing      there is none at that path
|   |-- IndexDamaged      a file is missing, altered or cut short
|   |-- IndexFormatError  it was written by another version of the format
|   |-- IndexAway         its server does not answer, or has another snapshot by now
|   |-- IndexBusy         another process is building it
|   `-- IndexUnconfirmed  it names paths or models that nobody on this machine has confirmed
|-- BuildStalled          a build made no progress for a long time
|-- ModelError            the embedding model cannot be loaded or is not the one that was indexed
`-- ExtraMissing          an optional package is needed for this
"""

from __future__ import annotations

__all__ = [
    "BuildStalled",
    "ExtraMissing",
    "IndexAway",
    "IndexBusy",
    "IndexDamaged",
    "IndexFormatError",
    "IndexMissing",
    "IndexProblem",
    "IndexUnconfirmed",
    "InputError",
    "ModelError",
    "PageAway",
    "PageError",
    "PullquoteError",
    "QuestionError",
]


class PullquoteError(Exception):
    """Base of all errors that Pullquote raises on purpose.

    ``str(error)`` is one line for a person: what is wrong and where, what was expected, and what to do.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.path = path
        self.expected = expected
        self.got = got
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        line = f"{self.path}: {self.message}" if self.path else self.message
        if self.expected is not None:
            line += f" (expected {self.expected}"
            line += f", got {self.got})" if self.got is not None else ")"
        elif self.got is not None:
            line += f" (got {self.got})"
        return f"{line}. {self.remedy}" if self.remedy else line


class InputError(PullquoteError):
    """The caller's paths, questions or options cannot be used."""


class PageError(InputError):
    """One page cannot be read; the rest of the heap is not affected."""


class PageAway(PageError):
    """No data arrives from a page's file: reading it again may help."""


class QuestionError(InputError):
    """One row of a questions file cannot be asked."""


class IndexProblem(PullquoteError):
    """The index cannot be opened."""


class IndexMissing(IndexProblem):
    """There is no index at that path."""


class IndexDamaged(IndexProblem):
    """A file of the index is missing, altered or cut short."""


class IndexFormatError(IndexProblem):
    """The index was written by another version of the format."""


class IndexAway(IndexProblem):
    """The server of the index does not answer, or now has another snapshot: asking again may help."""


class IndexBusy(IndexProblem):
    """Another process is building this index."""


class IndexUnconfirmed(IndexProblem):
    """The index names paths or models that nobody on this machine has confirmed: it may come from a stranger."""


class BuildStalled(PullquoteError):
    """A build made no progress for a long time and was stopped; ``path`` is the page or stage it was working on."""


class ModelError(PullquoteError):
    """The embedding model cannot be loaded, or is not the one the index was built with."""


class ExtraMissing(PullquoteError):
    """An optional package is needed for this."""

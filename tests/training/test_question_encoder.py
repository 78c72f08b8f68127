"""The encoder for questions is trained on the chunks that answer, against those that are nearest."""

from __future__ import annotations

import torch
from question_encoder import Heap

# three chunks of two, one and three sentences, in a plane
SENTENCES = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [0.8, 0.6]])
HEAP = Heap(SENTENCES, torch.tensor([2, 2, 5, 7, 7, 7]), ("What?",), ((5,),))


def test_a_chunk_is_as_near_as_its_nearest_sentence() -> None:
    """By the numbers of the chunks that are asked for, whatever lies between them."""
    near = HEAP.best(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([5, 7]))
    torch.testing.assert_close(near, torch.tensor([[0.0, 0.8], [1.0, 0.6]]))


def test_the_hardest_chunks_are_the_nearest_to_any_question() -> None:
    """One for each of two questions; the same for both counts once."""
    assert HEAP.hardest(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 1).tolist() == [2, 5]
    assert HEAP.hardest(torch.tensor([[1.0, 0.0], [0.9, 0.1]]), 1).tolist() == [2]

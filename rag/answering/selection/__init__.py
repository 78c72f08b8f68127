"""Choosing the sentences that answer: find chunks, measure and rank their sentences, let the reader read them."""

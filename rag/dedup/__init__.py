"""Folds copies of a post into one post with many locations, and records what it folded and why.

Provides: `merging.merge`, `minhash.Memory`, `overrides.read_decisions`, `dropped_text.left_over`.
Copies that differ in a number, a date or a negation stay two posts, each a variant of the other.
Uses: `loading`, `text`.
"""

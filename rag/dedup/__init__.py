"""Copies to posts: MinHash candidates, verdicts, merges and what a person has overruled.

Gives: `merging.merge`, `minhash.Memory`, `overrides.read_decisions`.
Needs: `loading`, `text`.
"""

"""Ranked sentences to quotes, each the smallest span that stands alone, or to the reason why there are none."""

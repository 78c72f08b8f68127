"""Pages to an index: reads, extracts, dedups, chunks, embeds and writes; reuses what an earlier build found.

Gives: `build.build_index`, `subprocess_build.build_in_subprocess`.
Needs: every room below it.
"""

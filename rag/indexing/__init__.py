"""Pages to an index: reads, finds posts, merges copies, cuts, embeds and writes; reuses results of the last build.

Provides: `build.build_index`; `subprocess_build.build_in_subprocess` does the same while others ask. A step that looks
at one item at a time is a task in `tasks`; an executor in `workers` runs it here, in processes or on Ray, with the same
result. Uses: every room below it.
"""

"""Pages to an index: reads, finds posts, folds copies, cuts, embeds and writes; reuses what the last build worked out.

Gives: `build.build_index`; `subprocess_build.build_in_subprocess` does the same beside whoever asks meanwhile.
Needs: every room below it.
A step that looks at one item at a time is a task in `tasks`; an executor in `workers` runs it here, in processes or on
Ray, with the same outcome.
"""

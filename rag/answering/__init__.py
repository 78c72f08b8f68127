"""A question to an answer; `one_question` takes the steps in order, and each step is a room below.

Provides: `engine.open_index`, `engine.Index` with its `catalogue` and `settings`, `batch.run_batch`,
`files.answer_files.read_answers`, `verification.verify_answers`.
Uses: `store`, `embedding`, `loading`, `text`; never `indexing`.
"""

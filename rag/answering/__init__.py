"""A question to an answer: query, retrieval, features, ranking, quotes, confidence, and the checking of quotes.

Provides: `engine.open_index`, `engine.Index` with its `catalogue` and `settings`, `batch.run_batch`,
`answer_files.read_answers`, `verification.verify_answers`.
Uses: `store`, `embedding`, `loading`, `text`; never `indexing`.
"""

"""A question to an answer: query, retrieval, features, ranking, spans, confidence, and the proof of quotes.

Gives: `engine.open_index`, `engine.Index`, `batch.run_batch`, `verification.verify_answers`.
Needs: `store`, `embedding`, `loading`, `text`; never `indexing`.
"""

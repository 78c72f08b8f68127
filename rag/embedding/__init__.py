"""Texts to unit vectors: the packaged model in ONNX Runtime, or any sentence-transformers model.

Provides: `encoder.load_encoder`, `encoder.open_encoder`, `batching.batcher_for`.
Uses: no other room.
"""

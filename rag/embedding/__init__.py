"""Texts to unit vectors: the packaged model in ONNX Runtime, or any sentence-transformers model.

Gives: `encoder.load_encoder`, `encoder.open_encoder`, `batching.batcher_for`.
Needs: nothing of the other rooms.
"""

"""How good answers are: gold questions, figures with their intervals, and the confidence below which to refuse.

Provides: `evaluate.evaluate`, `evaluate.calibrate`. The code that fits the weights is in `tests/training`. Uses:
`answering`, `loading`.
"""

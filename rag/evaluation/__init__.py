"""How good answers are: gold questions, figures with their intervals, and the confidence below which to refuse.

Gives: `evaluate.evaluate`, `evaluate.calibrate`.
Needs: `answering`, `loading`. What fits the tables of weights is in `tests/training`.
"""

"""How good answers are: gold questions, metrics with intervals, the threshold, and the fit of the ranker.

Gives: `evaluate.evaluate`, `evaluate.calibrate`, `training.train`.
Needs: `answering`, `loading`.
"""

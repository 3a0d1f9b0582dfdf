"""Hints: "there may be work". They may be lost, late or doubled without harm; the rows know the truth."""

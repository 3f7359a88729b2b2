"""How good readings are: outcomes, figures with intervals, the worst cases in pictures."""

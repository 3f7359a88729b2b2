"""Two readings of one patient: registered along the sac, and what changed between them."""

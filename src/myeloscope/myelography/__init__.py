"""Reading of MR myelograms: sac, sleeves, root names, leaks, mimics, quality."""

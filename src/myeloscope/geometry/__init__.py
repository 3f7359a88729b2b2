"""Pixel indices and patient millimetres: planes, the stitched canvas, sampling along a curve."""

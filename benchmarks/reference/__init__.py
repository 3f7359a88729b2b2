"""The mapping from outside reference numbers to the figures of :mod:`myeloscope.accuracy`."""

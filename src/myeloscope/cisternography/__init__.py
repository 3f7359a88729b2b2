"""Cisternography: canal and paraspinal activity over the time points of a study, as a reading."""

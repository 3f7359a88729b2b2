"""MyeloScope finds, measures and grades the signs of spinal CSF leaks on MR myelography.

Research software, not for clinical decisions.
"""

__version__ = "0.1.0"

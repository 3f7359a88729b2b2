"""Frozen records and enums that every room speaks in; arrays by numpy, nothing else."""

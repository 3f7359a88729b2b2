"""Damaged and hostile studies, and what becomes of reading them."""

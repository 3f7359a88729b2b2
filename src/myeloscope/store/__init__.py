"""Trials, accounts and the audit log in SQL, images as files: the only room that knows SQL."""

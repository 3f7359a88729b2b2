"""The published scale as one table: measured evidence in, grade and the rule that fired out."""

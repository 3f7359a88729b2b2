"""What is known of one patient, held against published rules: criteria, score, cautions, steps."""

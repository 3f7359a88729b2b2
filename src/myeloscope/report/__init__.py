"""Pictures, pages and PDF of readings and statistics; bytes out, files at the rim elsewhere."""

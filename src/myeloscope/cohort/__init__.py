"""Many studies: from a laptop to a cluster, stopped and resumed, each read once or named."""

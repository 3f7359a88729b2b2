"""A reader study as a state machine: protocol, allocation, reads, lock and who may see what."""

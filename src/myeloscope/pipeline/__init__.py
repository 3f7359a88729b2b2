"""One study in, one reading and its files out: all or nothing, in a worker process with limits."""

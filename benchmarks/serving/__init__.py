"""A reader study on a real server process, and readers who save all the time."""

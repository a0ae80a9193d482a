"""A simulated year of every CPAS and Le Forem: lives drawn from a seed, files with their faults, books, a ground truth.

Written, like the stand-ins beside it, from the partner pages alone: nothing here is shared with the hub. The
truth is what these partners really put into their mailboxes, read by plain rules of its own.
"""

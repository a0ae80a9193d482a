"""A partner's own export as a draft of a feed, by a declarative profile: no new software is needed for it."""

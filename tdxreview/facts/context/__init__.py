"""Facts of the family `ctx`: locks, sleeping, noinstr, which call may stand where."""

"""Facts of any call: in which section it stands, what is held, and by which ways it is come to."""

"""Assembly: from text to a run; `prove` assembles what we printed and emulates it."""

"""The lifecycle of the TDX module, of TDs and of pages, as far as functions in view show it."""

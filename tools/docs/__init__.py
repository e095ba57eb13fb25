"""The site and the manual page, made from docs/, the command line, the rules and the schemas."""

"""Post-images in, facts out: sites, uses of a status, routines, definitions."""

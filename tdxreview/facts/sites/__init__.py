"""Facts of the family `site`: where SEAMCALLs are made, and what becomes of their status."""

"""tdxreview: a review assistant for kernel patches that make SEAMCALLs."""

__version__ = "0.1.0"

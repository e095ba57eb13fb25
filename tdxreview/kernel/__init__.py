"""What names of TDX and Linux mean: leaves, statuses, wrappers, states, contracts, locks.

Takes the files of `rules/`, gives frozen values. Must not know code under review.
"""

"""From patches to a review: patch states, blame, what is kept between them, scan, one line.

Takes series, trees and rules, gives `Review`, `Survey` and `Why`. Must not know how they are
written down.
"""

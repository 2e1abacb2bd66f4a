"""The wall around student code: plain values cross it, verdicts and pickles never."""

"""Every model file at hand: to find, look at, note and use; and where other programs keep theirs."""

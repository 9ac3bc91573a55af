"""What the program does, without saying how it looks: QtCore only, no widgets, no torch."""

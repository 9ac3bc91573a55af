"""The document: layers of tiles, what is done to them, how they are kept. QtCore and QtGui, no widgets, no torch."""

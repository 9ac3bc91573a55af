"""The picture in the middle, and the strip of results."""

"""What was made, and how it is written down: no Qt, no torch."""

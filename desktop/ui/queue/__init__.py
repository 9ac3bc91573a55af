"""The line that tells what runs, and the list of what waits."""

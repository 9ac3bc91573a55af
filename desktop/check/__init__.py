"""The program's check of itself: it tries all rooms, each group of trials in a process of its own."""

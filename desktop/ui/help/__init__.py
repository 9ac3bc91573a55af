"""What Sfumato tells of itself: versions, what went wrong, whether there is a newer one."""

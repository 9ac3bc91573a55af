"""What picture files say of themselves: read from everybody's, and written into ours."""

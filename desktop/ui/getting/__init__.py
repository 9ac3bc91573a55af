"""Getting models: what is proposed and found, what it may be used for, and how it comes."""

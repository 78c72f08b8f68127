"""Which files there are, what each of them is, and its bytes as text."""

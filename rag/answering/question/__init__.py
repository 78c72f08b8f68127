"""What a question asks for: its words, names and kind, and which words of it a text has."""

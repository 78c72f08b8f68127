"""HTML to the text that a browser shows, each character with its offset."""

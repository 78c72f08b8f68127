"""Notes in Markdown and other light mark-up."""

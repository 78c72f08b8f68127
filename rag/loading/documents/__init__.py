"""Documents of office programs, and PDF."""

"""Finds the posts on pages: where each begins and ends, its title, author and date, and what is boilerplate.

Provides: `posts.divide`, which returns every copy of a post on the pages.
Web pages are read by their mark-up, plain text by its lines; pages that separate their own posts keep them.
Uses: `loading`, `text`.
"""

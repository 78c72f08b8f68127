"""Bytes to pages: file types, encodings, archives, feeds and tables, and the offset of every character.

Gives: `pages.read_pages`, `pages.reread`, `escapes.plain_text`, `html_text.render`.
Needs: `text`.
"""

"""Files to pages: what a file is, what it contains, and the offset of every character that is read.

Provides: `pages.read_pages`, `pages.reread`, `formats.plain_text`, `proof.says`, `html_text.render`.
Uses: `text`.
"""

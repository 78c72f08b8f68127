"""Files to pages: what a file is, what it holds, and the offset of every character that is read.

Gives: `pages.read_pages`, `pages.reread`, `formats.plain_text`, `proof.says`, `html_text.render`.
Needs: `text`.
"""

"""Works on strings: tokens, lines, paragraphs, sentences, dates, differences. Reads no files and no index.

Provides: `tokens.words`, `sentences.split`, `annotations.note`, `alignment.align`, `word_diff.word_diff`.
Uses: nothing but `records`.
"""

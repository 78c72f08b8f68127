"""Strings in, strings out: tokens, lines, paragraphs, sentences, dates, differences. Opens no file, knows no index.

Gives: `tokens.words`, `sentences.split`, `annotations.note`, `alignment.align`, `word_diff.word_diff`.
Needs: nothing but the records.
"""

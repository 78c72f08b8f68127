"""Records to HTML, every value through the one escaping writer, `html`. Keeps no state and imports no gradio.

Provides: `answer.render_log`, `reading_pane.panel`, `post_list.atlas`, `export.html_report`, `citations.read_ref`.
Uses: `rag.records`, `rag.answering.quotes.locations`, `rag.text`.
"""

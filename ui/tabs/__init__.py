"""The page in gradio: one module per tab, and `page`, which puts them together.

Provides: `page.build_page`.
Uses: `services` and `views`. Only this room and `ui.app` import gradio.
"""

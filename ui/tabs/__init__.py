"""The page in gradio: one module per tab, and `page`, which puts them together.

Gives: `page.build_page`.
Needs: `services` and `views`. Only this room and `ui.app` import gradio.
"""

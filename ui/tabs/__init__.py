"""The page in gradio: one module a tab. Only this room and `ui.app` import gradio."""

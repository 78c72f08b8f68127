"""What the tabs do: hold the index, keep a conversation, take uploads and feedback. No gradio, no HTML but views."""

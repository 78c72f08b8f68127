"""What the page does, apart from display: the open index, conversations, added pages, feedback, files on disk.

Provides: `index_holder.Shelf`, `conversation.ask`, `uploads.add_pages`, `feedback.keep_report`, `temp_files.Scratch`.
Uses: `views` for the look of a turn; of `rag`, the rooms `answering`, `indexing`, `loading` and `store`.
"""

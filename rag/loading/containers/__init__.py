"""Files inside of files: archives, mailboxes, crawls, and exports with metadata beside the texts."""

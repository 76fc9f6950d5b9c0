"""One file a document of a run directory: its `DOCUMENT` says the file's name and makes the text. It is found by its file."""

"""The readers: `TITLE`, and `read(document) -> Scan | None`, None for a document of another form."""

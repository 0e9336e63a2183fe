"""Every page of one language, as bytes: knows nothing of MkDocs, of the clock or of the disk."""

"""A believable town to try Préau with: invented people, real paths (files are imported, banks are imitated)."""

"""Who did what, when: an append-only journal whose rows form a hash chain (I28, I29)."""

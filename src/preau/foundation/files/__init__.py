"""Files kept for families: addressed by opaque id, never by name (F3)."""

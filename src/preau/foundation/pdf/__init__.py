"""PDF documents: typst templates, accessible (PDF/UA-1) and made to last (PDF/A-2a)."""

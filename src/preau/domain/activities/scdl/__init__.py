"""The public schemas of menus (SCDL), read and written: « menus-collectifs » 1.2, « plats-menus-collectifs » 0.7."""

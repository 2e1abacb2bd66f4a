"""What the sheets that are made of entries have in common: their keys, and how they break."""

"""From what the user typed or dropped to photos in order."""

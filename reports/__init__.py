"""What every step found: objects that show themselves as text, tables, pages and JSON."""

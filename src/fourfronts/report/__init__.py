"""What a reader sees: figures, tables, the terminal's one screen, the report, and the folder they are written to."""

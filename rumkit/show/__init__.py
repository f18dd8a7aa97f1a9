"""What a person sees: terminal text, HTML, Markdown, the picture of the path, tables, plots."""

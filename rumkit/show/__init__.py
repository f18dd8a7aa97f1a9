"""What a person sees: text, tables, pictures, widgets."""

"""JavaScript and TypeScript: RUM installations found in source text that is never run."""

"""What the browser holds: snippets, pages, policies, recordings. Knows nothing of AWS APIs."""

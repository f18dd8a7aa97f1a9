"""rumkit as a server of the Model Context Protocol: a few tools for an agent that helps."""

"""Health reports for many monitors in one run: targets, shared reads, page, history, actions."""

"""The guide's section "Content security policy blocks the web client": one check a file."""

"""The guide's section "Events are not being sent by the web client": one check a file."""

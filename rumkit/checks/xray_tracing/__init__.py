"""The guide's section "X-Ray does not connect client and server traces": one check a file."""

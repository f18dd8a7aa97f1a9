"""What a notebook does beside showing: what is chosen there by hand, and the views that follow."""

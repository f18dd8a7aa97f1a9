"""Records a visit in the person's own browser: what a HAR holds, and what it leaves out."""

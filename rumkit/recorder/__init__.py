"""Records a visit in the person's own browser: everything that a HAR holds, and what it leaves out."""

"""One at a time: a run that writes holds a Lease in each cluster that it writes to."""

"""Does the new cluster reconcile what was carried: beside what it was before, in every version and at the end."""

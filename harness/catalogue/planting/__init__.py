"""What the classes of defects share: the draft of an altered run, and what servers, clusters and Ironics show of what is done to them."""

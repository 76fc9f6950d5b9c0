"""Objects at rest: versions, metadata, selectors, deletion."""

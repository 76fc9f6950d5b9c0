"""The run as one picture: time axis, lanes, SVG."""

"""Has no step."""

"""What words share; no word itself."""

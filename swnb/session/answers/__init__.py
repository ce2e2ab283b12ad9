"""What comes of an exchange: replies, errors, and whether an answer belongs to its request."""

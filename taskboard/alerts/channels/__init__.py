"""Ways to reach a person. A channel knows messages, not commitments."""

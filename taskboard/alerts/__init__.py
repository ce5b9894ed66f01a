"""WHO IS TOLD: audience, messages, outbox, channels."""

"""A digest: who gets which window, what it says, how it looks, and the message that carries it. All pure."""
